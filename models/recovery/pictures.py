"""Pictures as the network gets them on a device: what the manifest of its bundle says. A sample is a picture and its labels."""
import json
import os

import cv2
import numpy as np

SUFFIXES = ('.jpg', '.jpeg', '.png', '.bmp', '.webp')


class Pictures:
    def __init__(self, folders, manifest, shape):
        self.paths = sorted(
            os.path.join(at, name) for folder in folders for at, _, names in os.walk(folder) for name in names
            if name.lower().endswith(SUFFIXES))
        if not self.paths:
            raise SystemExit(f'{", ".join(folders)}: no pictures.')
        with open(os.path.join(manifest, 'manifest.json') if os.path.isdir(manifest) else manifest) as file:
            self.input = json.load(file)['input']
        self.layout = self.input.get('layout', 'nchw')
        self.channels = shape[1] if self.layout == 'nchw' else shape[3]

    def __len__(self):
        return len(self.paths)

    def read(self, at):
        picture = cv2.imread(self.paths[at], cv2.IMREAD_COLOR)
        if picture is None:
            raise SystemExit(f'{self.paths[at]}: no picture that OpenCV can read.')
        return picture

    def plain(self, at):
        return self.prepare(self.read(at)), None

    def augmented(self, at, random):
        """A part of the picture, mirrored or not, lighter or darker: the teacher is asked about it, so no label has to follow."""
        picture = self.read(at)
        height, width = picture.shape[:2]
        share = random.uniform(0.4, 1.0)
        h, w = int(height * share), int(width * min(1.0, share * random.uniform(0.8, 1.25)))
        top, left = random.integers(0, height - h + 1), random.integers(0, width - w + 1)
        picture = picture[top:top + h, left:left + w]
        if random.random() < 0.5:
            picture = picture[:, ::-1]
        gain, shift = random.uniform(0.7, 1.3), random.uniform(-25, 25)
        tint = random.uniform(0.9, 1.1, 3)
        return self.prepare(np.clip(picture * (gain * tint) + shift, 0, 255).astype(np.uint8)), None

    def prepare(self, picture):
        i = self.input
        width, height = i['width'], i['height']
        if i.get('fit', 'center') != 'stretch':
            picture = letterboxed(picture, width, height, i.get('fit', 'center'), i.get('pad', 114))
        else:
            picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_LINEAR)
        if self.channels == 1:
            picture = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)[..., None]
        elif i.get('colorOrder', 'rgb') == 'rgb':
            picture = picture[..., ::-1]
        value = (picture.astype(np.float32) * i.get('scale', 1) - np.float32(i.get('mean', 0))) / np.float32(i.get('std', 1))
        return np.ascontiguousarray(value.transpose(2, 0, 1) if self.layout == 'nchw' else value, np.float32)


def letterboxed(picture, width, height, fit, pad):
    ratio = min(width / picture.shape[1], height / picture.shape[0])
    w, h = max(1, round(picture.shape[1] * ratio)), max(1, round(picture.shape[0] * ratio))
    left, top = (0, 0) if fit in ('top-left', 'topleft') else ((width - w) // 2, (height - h) // 2)
    whole = np.full((height, width, 3), pad, np.uint8)
    whole[top:top + h, left:left + w] = cv2.resize(picture, (w, h), interpolation=cv2.INTER_LINEAR)
    return whole


class Unlabelled:
    """What is learned beside the teacher's answers: nothing. A file that `--task` names has a class Task with these methods."""

    def __init__(self, options, student):
        shape = next(i for i in student.model.graph.input if i.name == student.input).type.tensor_type.shape.dim
        self.manifest, self.shape = options.manifest, [d.dim_value for d in shape]

    def pictures(self, folders):
        """Something with a length, `plain(i)` and `augmented(i, random)`: samples."""
        return Pictures(folders, self.manifest, self.shape)

    def loss(self, values, labels):
        """Of the heads' values by name, against the labels of the samples."""
        return 0.0

    def measure(self, student, pictures):
        """What is printed of the held-out pictures beside the distance from the teacher."""
        return {}
