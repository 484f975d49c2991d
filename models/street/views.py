"""Fixed views of the training pictures with what the teacher says of each, made when a view is first met.

Beyer et al., "Knowledge distillation: a good teacher is patient and consistent" (CVPR 2022): teacher and student see the same
view, and the schedule is long. A wide teacher costs as much as the student's whole step; asked once for each view, it
costs nothing from the second time round. A view is mirrored at random when it is taken, its answer with it.
"""
import numpy as np
import torch

from data import INPUT_HEIGHT, INPUT_WIDTH, batch
from net import STRIDES


class Views:
    def __init__(self, pictures, teacher, classes, plain_share, random):
        self.pictures, self.teacher, self.plain_share, self.random = pictures, teacher, plain_share, random
        count = len(pictures)
        self.images = np.empty((count, INPUT_HEIGHT, INPUT_WIDTH, 3), np.uint8)
        self.rows = [None] * count
        shapes = [(3, INPUT_HEIGHT // s, INPUT_WIDTH // s, 5 + classes) for s in STRIDES]
        self.taught = [torch.empty((count, *shape), dtype=torch.float16) for shape in shapes]

    def take(self, chosen, bfloat16):
        """Pictures [B, 3, H, W], targets [n, 6] and the teacher's maps of these views, each mirrored or not."""
        new = [i for i in chosen if self.rows[i] is None]
        for i in new:
            plain = self.random.random() < self.plain_share
            self.images[i], self.rows[i] = self.pictures.plain(i) if plain else self.pictures.augmented(i, self.random)
        if new:
            images, _ = batch([(self.images[i], self.rows[i]) for i in new])
            with torch.no_grad(), torch.autocast('cpu', torch.bfloat16, enabled=bfloat16):
                maps, _ = self.teacher(images.contiguous(memory_format=torch.channels_last))
            for stored, found in zip(self.taught, maps):
                stored[new] = found.to(torch.float16)
        mirrored = self.random.random(len(chosen)) < 0.5
        samples = [self.mirror(self.images[i], self.rows[i]) if m else (self.images[i], self.rows[i]) for i, m in zip(chosen, mirrored)]
        taught = []
        for stored in self.taught:
            maps = stored[chosen].float()
            maps[mirrored] = mirror_maps(maps[mirrored])
            taught.append(maps)
        return *batch(samples), taught

    @staticmethod
    def mirror(image, rows):
        turned = rows.copy()
        turned[:, 1] = 1 - turned[:, 1]
        return image[:, ::-1], turned


def mirror_maps(maps):
    """Maps [B, 3, H, W, 5 + classes] of the mirrored picture: columns in reverse; x in a cell is sigmoid(v), so 1 - x is sigmoid(-v)."""
    turned = maps.flip(3)
    turned[..., 0] = -turned[..., 0]
    return turned
