"""Questions of unit 10, segmentation by networks, in the order of the lab."""

from mlmi_course.checks import Unit
from mlmi_course.questions.u10_cae_unet_segmentation._masks import masses
from mlmi_course.questions.u10_cae_unet_segmentation.accuracy_of_nothing import accuracy_of_nothing
from mlmi_course.questions.u10_cae_unet_segmentation.biggest_piece import biggest_piece
from mlmi_course.questions.u10_cae_unet_segmentation.dice import dice
from mlmi_course.questions.u10_cae_unet_segmentation.dsc_from_rates import dsc_from_rates
from mlmi_course.questions.u10_cae_unet_segmentation.error_rates import error_rates
from mlmi_course.questions.u10_cae_unet_segmentation.honest_dice import honest_dice
from mlmi_course.questions.u10_cae_unet_segmentation.mask_auc import mask_auc
from mlmi_course.questions.u10_cae_unet_segmentation.report import report
from mlmi_course.questions.u10_cae_unet_segmentation.segment import segment
from mlmi_course.questions.u10_cae_unet_segmentation.soft_dice_loss import soft_dice_loss
from mlmi_course.questions.u10_cae_unet_segmentation.target_spacing import target_spacing
from mlmi_course.questions.u10_cae_unet_segmentation.too_good import too_good

__all__ = [
    "accuracy_of_nothing",
    "dice",
    "error_rates",
    "report",
    "dsc_from_rates",
    "mask_auc",
    "soft_dice_loss",
    "target_spacing",
    "biggest_piece",
    "honest_dice",
    "segment",
    "too_good",
    "masses",
    "progress",
]

progress = Unit(__name__).progress
