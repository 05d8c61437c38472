"""The architectures that segmentation_models.pytorch has too: its class for each builder, our option per argument.

Source: the constructors of segmentation_models.pytorch 0.6.0.
"""

COMMON = {"encoder_name": "encoder", "encoder_depth": "depth"}
CHANNELS = {"decoder_channels": "decoder_channels"}
PYRAMID = {
    "decoder_pyramid_channels": "pyramid_channels",
    "decoder_segmentation_channels": "segmentation_channels",
    "decoder_merge_policy": "merge",
    "decoder_dropout": "dropout",
}
DILATED = {"encoder_output_stride": "output_stride", **CHANNELS}
ATROUS = {
    "decoder_atrous_rates": "atrous_rates",
    "decoder_aspp_separable": "separable",
    "decoder_aspp_dropout": "dropout",
}
ARCHITECTURES = {
    "UNet": ("Unet", COMMON | CHANNELS | {"decoder_use_norm": "batch_norm"}),
    "UNetPlusPlus": ("UnetPlusPlus", COMMON | CHANNELS),
    "MAnet": ("MAnet", COMMON | CHANNELS | {"decoder_pab_channels": "pab_channels"}),
    "Linknet": ("Linknet", COMMON),
    "FPN": ("FPN", COMMON | PYRAMID),
    "PSPNet": ("PSPNet", COMMON | {"psp_out_channels": "psp_channels", "psp_dropout": "dropout"}),
    "PAN": ("PAN", COMMON | DILATED),
    "DeepLabV3": ("DeepLabV3", COMMON | DILATED | ATROUS),
    "DeepLabV3Plus": ("DeepLabV3Plus", COMMON | DILATED | ATROUS),
}
