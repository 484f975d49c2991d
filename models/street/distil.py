"""What a teacher adds to the detection loss."""
import torch.nn.functional as F

from loss import BALANCE, CLASS, OBJECT


def distillation(maps, features, taught, shown, adapters, temperature):
    """Soft targets for scores, boxes where the teacher sees an object, and features in front of the heads.

    Weighted as the detection loss weights its parts, so that the few cells with an object are not lost among the empty ones.
    """
    soft = box = seen = 0.0
    for y, t, balance in zip(maps, taught, BALANCE):
        want = (t[..., 4:] / temperature).sigmoid()
        score = temperature**2 * F.binary_cross_entropy_with_logits(y[..., 4:] / temperature, want, reduction='none')
        weight = t[..., 4:5].sigmoid()
        soft = soft + OBJECT * balance * score[..., 0].mean()
        soft = soft + CLASS * (weight * score[..., 1:]).sum() / (score.shape[-1] - 1) / (weight.sum() + 1e-6)
        box = box + (weight * (y[..., :4] - t[..., :4]).abs()).sum() / (4 * weight.sum() + 1e-6)
    for adapter, mine, theirs in zip(adapters, features, shown):
        seen = seen + F.mse_loss(adapter(mine), theirs) / (theirs.pow(2).mean() + 1e-6)
    return soft, box, seen
