"""The data sets that can be fetched: address, licence, citation and checksum of each.

Source: the publishers' pages, named in `home`, and their articles. A checksum is Zenodo's own, or one that others
recorded of the same file: torch-em for BUSI, ISIC 2018 and Montgomery, four public scripts that agree for ISIC 2017,
one public script for BrEaST. Where nobody states one there is none here.
"""

from ultraseg import catalogue
from ultraseg.sources._source import Download, Kaggle, Source

ISIC = "https://isic-challenge-data.s3.amazonaws.com"
NLM = "https://openi.nlm.nih.gov/imgs/collections"
TCIA = "https://www.cancerimagingarchive.net/wp-content/uploads"
ARTICLE_2017 = (
    "Codella, Gutman, Celebi, Helba, Marchetti, Dusza, Kalloo, Liopyris, Mishra, Kittler, Halpern, Skin lesion "
    "analysis toward melanoma detection: a challenge at the 2017 International Symposium on Biomedical Imaging, "
    "2017, arXiv:1710.05006"
)


def published() -> tuple[Source, ...]:
    """List the data sets that can be fetched, breast ultrasound first."""
    return SOURCES


def find(name: str) -> Source:
    """Look a data set up by its reader's name.

    Raises:
        ValueError: there is none of that name; the message gives the nearest and the list.
    """
    known = {source.name: source for source in SOURCES}
    if name not in known:
        raise ValueError(f"data: {catalogue.unknown(name, known, 'data set')}")
    return known[name]


def _isic(year: int, *files: tuple[str, str]) -> tuple[Download, ...]:
    """Files of a year of the ISIC challenge, each with its checksum or an empty one."""
    who = {"md5": "four public scripts", "sha256": "torch-em", "": ""}
    return tuple(
        Download(f"{ISIC}/{year}/{file}", file, digest, who[digest.partition(":")[0]]) for file, digest in files
    )


SOURCES = (
    Source(
        name="busi",
        title="BUSI, Breast Ultrasound Images",
        licence="CC BY 4.0 (the article's; the copy at Kaggle says CC0)",
        citation=(
            "Al-Dhabyani, Gomaa, Khaled, Fahmy, Dataset of breast ultrasound images, Data in Brief 28:104863, 2020"
        ),
        home="https://scholar.cu.edu.eg/?q=afahmy/pages/dataset",
        parts=(
            Download(
                "https://scholar.cu.edu.eg/Dataset_BUSI.zip",
                "Dataset_BUSI.zip",
                "sha256:b2ce09f6063a31a73f628b6a6ee1245187cbaec225e93e563735691d68654de7",
                "torch-em",
            ),
        ),
        by_hand=(
            "Where the university's server does not answer, the same images are at "
            "https://www.kaggle.com/datasets/aryashah2k/breast-ultrasound-images-dataset, in another zip file: unpack "
            "it by hand into the folder `files`, to be made beside `downloads`."
        ),
    ),
    Source(
        name="bus_bra",
        title="BUS-BRA, breast ultrasound from Rio de Janeiro",
        licence="CC BY 4.0",
        citation=(
            "Gómez-Flores, Gregorio-Calas, Pereira, BUS-BRA: a breast ultrasound dataset for assessing computer-aided "
            "diagnosis systems, Medical Physics 51:3110-3123, 2024"
        ),
        home="https://zenodo.org/records/8231412",
        parts=(
            Download(
                "https://zenodo.org/records/8231412/files/BUSBRA.zip",
                "BUSBRA.zip",
                "md5:1f8b2be6476d58fc97bfb5e5a1ea9bab",
                "Zenodo",
            ),
        ),
    ),
    Source(
        name="breast_lesions_usg",
        title="BrEaST, Breast-Lesions-USG",
        licence="CC BY 4.0",
        citation=(
            "Pawłowska, Ćwierz-Pieńkowska, Domalik, Jaguś, Kasprzak, Matkowski, Fura, Nowicki, Żołek, Curated "
            "benchmark dataset for ultrasound based breast lesion analysis, Scientific Data 11:148, 2024; "
            "https://doi.org/10.7937/9WKK-Q141"
        ),
        home="https://www.cancerimagingarchive.net/collection/breast-lesions-usg/",
        parts=(
            Download(
                f"{TCIA}/BrEaST-Lesions_USG-images_and_masks-Dec-15-2023.zip",
                "BrEaST-Lesions_USG-images_and_masks-Dec-15-2023.zip",
                "sha256:c32e49cdfa54042e065582d0cb35978b5fc5e5b5e461b33bf773fb50cfdad355",
                "one public script",
            ),
            Download(
                f"{TCIA}/BrEaST-Lesions-USG-clinical-data-Dec-15-2023.xlsx",
                "BrEaST-Lesions-USG-clinical-data-Dec-15-2023.xlsx",
                "sha256:89a8874496a6f1f93960390b963f7369b90f7e72ee08a738f2d17e37f5eff8bf",
                "one public script",
            ),
        ),
    ),
    Source(
        name="bus_uclm",
        title="BUS-UCLM, breast ultrasound from Ciudad Real",
        licence="CC BY 4.0 (version 3; earlier versions say CC BY-NC)",
        citation=(
            "Vallez, Bueno, Deniz, Rienda, Pastor, BUS-UCLM: breast ultrasound lesion segmentation dataset, Scientific "
            "Data 12:242, 2025; https://doi.org/10.17632/7fvgj4jsp7.3"
        ),
        home="https://data.mendeley.com/datasets/7fvgj4jsp7/3",
        parts=(Download("https://data.mendeley.com/public-api/zip/7fvgj4jsp7/download/3", "7fvgj4jsp7-3.zip"),),
        by_hand="The button `Download All` on the page gives the same file.",
    ),
    Source(
        name="udiat",
        title="UDIAT, Breast Ultrasound Dataset B",
        licence="on request: research under a signed agreement, not to be passed on",
        citation=(
            "Yap, Pons, Martí, Ganau, Sentís, Zwiggelaar, Davison, Martí, Automated breast ultrasound lesions "
            "detection using convolutional neural networks, IEEE Journal of Biomedical and Health Informatics "
            "22(4):1218-1226, 2018"
        ),
        home="https://helward.mmu.ac.uk/STAFF/m.yap/dataset.php",
        by_hand=(
            "Fill in the licence agreement on the page and send it from an address of your institution; the answer "
            "takes up to ten working days and brings the archive."
        ),
    ),
    Source(
        name="stu_hospital",
        title="STU-Hospital, breast ultrasound from Shantou",
        licence="none is stated: ask the authors before you pass anything on",
        citation=(
            "Zhuang, Li, Joseph Raj, Mahesh, Qiu, An RDAU-NET model for lesion segmentation in breast ultrasound "
            "images, PLoS ONE 14(8):e0221535, 2019"
        ),
        home="https://github.com/xbhlk/STU-Hospital",
        by_hand=(
            "Fetch https://github.com/xbhlk/STU-Hospital/archive/ba4a898d6c42fdfb5aa2b122742fd4cf6195349b.zip; the "
            "folder `Dataset B` in it is UDIAT, whose own agreement holds for it."
        ),
    ),
    Source(
        name="isic2016",
        title="ISIC 2016, part 1: lesion segmentation",
        licence="CC0",
        citation=(
            "Gutman, Codella, Celebi, Helba, Marchetti, Mishra, Halpern, Skin lesion analysis toward melanoma "
            "detection: a challenge at the International Symposium on Biomedical Imaging 2016, 2016, arXiv:1605.01397"
        ),
        home="https://challenge.isic-archive.com/data/#2016",
        parts=_isic(
            2016,
            ("ISBI2016_ISIC_Part1_Training_Data.zip", ""),
            ("ISBI2016_ISIC_Part1_Training_GroundTruth.zip", ""),
            ("ISBI2016_ISIC_Part1_Test_Data.zip", ""),
            ("ISBI2016_ISIC_Part1_Test_GroundTruth.zip", ""),
        ),
    ),
    Source(
        name="isic2017",
        title="ISIC 2017, part 1: lesion segmentation",
        licence="CC0",
        citation=ARTICLE_2017,
        home="https://challenge.isic-archive.com/data/#2017",
        parts=_isic(
            2017,
            ("ISIC-2017_Training_Data.zip", "md5:a14a7e622c67a358797ae59abb8a0b0c"),
            ("ISIC-2017_Training_Part1_GroundTruth.zip", "md5:77fdbeb6fbec4139937224416b250f4c"),
            ("ISIC-2017_Validation_Data.zip", "md5:8d6419d942112f709894c0d82f6c9038"),
            ("ISIC-2017_Validation_Part1_GroundTruth.zip", "md5:64d3e68fa2deeb8a5e89aa8dec2efd44"),
            ("ISIC-2017_Test_v2_Data.zip", "md5:5f6a0b5e1f2972bd1f5ea02680489f09"),
            ("ISIC-2017_Test_v2_Part1_GroundTruth.zip", "md5:b1742de6bd257faca3b2b21a4aa3b781"),
        ),
    ),
    Source(
        name="isic2018",
        title="ISIC 2018, task 1: lesion segmentation",
        licence="CC BY-NC 4.0",
        citation=(
            "Codella, Rotemberg, Tschandl, Celebi, Dusza, Gutman, Helba, Kalloo, Liopyris, Marchetti, Kittler, "
            "Halpern, Skin lesion analysis toward melanoma detection 2018, 2019, arXiv:1902.03368; Tschandl, "
            "Rosendahl, Kittler, The HAM10000 dataset, Scientific Data 5:180161, 2018"
        ),
        home="https://challenge.isic-archive.com/data/#2018",
        parts=_isic(
            2018,
            (
                "ISIC2018_Task1-2_Training_Input.zip",
                "sha256:80f98572347a2d7a376227fa9eb2e4f7459d317cb619865b8b9910c81446675f",
            ),
            (
                "ISIC2018_Task1_Training_GroundTruth.zip",
                "sha256:99f8b2bb3c4d6af483362010715f7e7d5d122d9f6c02cac0e0d15bef77c7604c",
            ),
            (
                "ISIC2018_Task1-2_Validation_Input.zip",
                "sha256:0ea920fcfe512d12a6e620b50b50233c059f67b10146e1479c82be58ff15a797",
            ),
            (
                "ISIC2018_Task1_Validation_GroundTruth.zip",
                "sha256:f6911e9c0a64e6d687dd3ca466ca927dd5e82145cb2163b7a1e5b37d7a716285",
            ),
            (
                "ISIC2018_Task1-2_Test_Input.zip",
                "sha256:e59ae1f69f4ed16f09db2cb1d76c2a828487b63d28f6ab85997f5616869b127d",
            ),
            (
                "ISIC2018_Task1_Test_GroundTruth.zip",
                "sha256:2e8f6edce454a5bdee52485e39f92bd6eddf357e81f39018d05512175238ef82",
            ),
        ),
    ),
    Source(
        name="cbis_ddsm_masses",
        title="CBIS-DDSM, mammograms, the JPEG release",
        licence="CC BY 3.0 (the collection at TCIA)",
        citation=(
            "Lee, Gimenez, Hoogi, Miyake, Gorovoy, Rubin, A curated mammography data set for use in computer-aided "
            "detection and diagnosis research, Scientific Data 4:170177, 2017; "
            "https://doi.org/10.7937/K9/TCIA.2016.7O02S9CY"
        ),
        home="https://www.cancerimagingarchive.net/collection/cbis-ddsm/",
        parts=(Kaggle("awsaf49/cbis-ddsm-breast-cancer-image-dataset"),),
        by_hand=(
            "The DICOM files (164 GB) come with TCIA's own Data Retriever; the tables of masses are "
            f"{TCIA}/mass_case_description_train_set.csv and {TCIA}/mass_case_description_test_set.csv."
        ),
    ),
    Source(
        name="cxr_lungs",
        title="Montgomery and Shenzhen chest X-rays with lung masks",
        licence="NLM: research with citation; the masks of Shenzhen: CC BY-NC-SA 4.0",
        citation=(
            "Jaeger, Candemir, Antani, Wáng, Lu, Thoma, Two public chest X-ray datasets for computer-aided screening "
            "of pulmonary diseases, Quantitative Imaging in Medicine and Surgery 4(6):475-477, 2014; Candemir, Jaeger, "
            "Palaniappan and others, Lung segmentation in chest radiographs using anatomical atlases with nonrigid "
            "registration, IEEE Transactions on Medical Imaging 33(2):577-590, 2014; Stirenko, Kochura, Alienin and "
            "others, Chest X-ray analysis of tuberculosis by deep learning with segmentation and augmentation, 2018, "
            "arXiv:1803.01199 (the masks of Shenzhen)"
        ),
        home="https://lhncbc.nlm.nih.gov/LHC-downloads/downloads.html#tuberculosis-image-data-sets",
        parts=(
            Download(
                f"{NLM}/NLM-MontgomeryCXRSet.zip",
                "NLM-MontgomeryCXRSet.zip",
                "sha256:54601e952315d8f67383e9202a6e145997ade429f54f7e0af44b4e158714f424",
                "torch-em",
            ),
            Download(f"{NLM}/ChinaSet_AllFiles.zip", "ChinaSet_AllFiles.zip"),
            Kaggle("yoctoman/shcxr-lung-mask"),
        ),
    ),
    Source(
        name="uw_madison_gi",
        title="UW-Madison GI Tract",
        licence="the rules of the competition, which must be accepted",
        citation=(
            "Lee, Yadav, Li, Meudt, Strang, Hebel, Alfson, Olson, Kruser, Smilowitz, Borchert, Loritz, Gharzai, "
            "Karimpour, Bayouth, Bassetti, Dataset for gastrointestinal tract segmentation on serial MRIs for "
            "abdominal tumor radiotherapy, Data in Brief 57:111159, 2024"
        ),
        home="https://www.kaggle.com/competitions/uw-madison-gi-tract-image-segmentation",
        parts=(Kaggle("uw-madison-gi-tract-image-segmentation", competition=True),),
    ),
)
