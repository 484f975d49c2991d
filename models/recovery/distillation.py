"""What a student is told by its teacher, for any network: found in the structure of its graph, and needs no labels.

Compared is what the last layers write (`OnnxModule.heads`), channel by channel. Channels that a Sigmoid reads and that the
teacher rarely fires are scores: soft targets with a temperature (Hinton et al., 2015). Those that a Softmax reads are
distributions: divergence with the same temperature. The rest are values: distance in the teacher's own spread. Distributions and
values count where the teacher sees something, if a head has scores for the same places. In front of the heads the features are
compared through a learned linear map (FitNets, 2015).
"""
import torch
import torch.nn as nn
import torch.nn.functional as F

# A channel whose teacher is surer than this on average is no score: coordinates behind a Sigmoid are about 0.5.
RARE = 0.2


def activations(net, pictures):
    """Which Sigmoid or Softmax reads each channel of each head: name -> (places of sigmoid, places of softmax, its size)."""
    heads = {node.output[0]: net.channel_axis(node) for node in net.heads()}
    leaves, read = {}, []

    def after(node, name, value, args):
        if name in heads:
            leaves[name] = value.detach().requires_grad_()
            return leaves[name]
        if node.op_type in ('Sigmoid', 'Softmax') and leaves:
            axis = next((a.i for a in node.attribute if a.name == 'axis'), -1)
            read.append((node.op_type, args[0].shape[axis], args[0]))
            return value.detach()
        return value

    with torch.enable_grad():
        net(pictures, [], after=after)
        result = {name: {'Sigmoid': None, 'Softmax': None, 'size': 0} for name in leaves}
        for kind, size, value in read:
            if not value.requires_grad:
                continue
            weights = torch.rand_like(value) + 0.5
            gradients = torch.autograd.grad((value * weights).sum(), list(leaves.values()), retain_graph=True, allow_unused=True)
            for name, gradient in zip(leaves, gradients):
                if gradient is None:
                    continue
                channels = gradient.movedim(heads[name], -1).flatten(0, -2).abs().sum(0) > 0
                if channels.any():
                    found = result[name]
                    found[kind] = channels if found[kind] is None else found[kind] | channels
                    found['size'] = size if kind == 'Softmax' else found['size']
    return result


class Head:
    """One head: how its channels are compared."""

    def __init__(self, name, axis, found, taught):
        self.name, self.axis, self.size = name, axis, found['size']
        rows = self.rows(taught)
        channels = rows.shape[-1]
        none = torch.zeros(channels, dtype=torch.bool, device=rows.device)
        sigmoid = none if found['Sigmoid'] is None else found['Sigmoid']
        softmax = none if found['Softmax'] is None else found['Softmax'] & ~sigmoid
        if softmax.any() and int(softmax.sum()) % self.size:
            softmax = none
        rare = rows.sigmoid().flatten(0, -2).mean(0) < RARE
        self.scores, self.spread, self.values = sigmoid & rare, softmax, ~(sigmoid & rare) & ~softmax
        self.bounded = bool((sigmoid & ~rare).any())
        values = rows.flatten(0, -2)[:, self.values]
        self.scale = values.std(0, correction=0).clamp_min(1e-3) if self.values.any() else values[0]

    def rows(self, value):
        return value.movedim(self.axis, -1)

    def describe(self):
        return {'head': self.name, 'scores': int(self.scores.sum()), 'distributions': int(self.spread.sum()), 'values': int(self.values.sum())}


class Distillation(nn.Module):
    """`student` may be absent where the features do not count: for a network that is no file yet."""

    def __init__(self, teacher, student, pictures, options):
        super().__init__()
        self.options = options
        found = activations(teacher, pictures[:1])
        with torch.no_grad():
            values = teacher.run(pictures, list(found))
        axes = {node.output[0]: teacher.channel_axis(node) for node in teacher.heads()}
        self.heads = [Head(name, axes[name], found[name], values[name]) for name in found]
        self.features = {}
        self.adapters = nn.ModuleDict()
        if student is None:
            return
        mine = {node.output[0]: node for node in student.heads()}
        missing = [head.name for head in self.heads if head.name not in mine]
        if missing:
            raise SystemExit(f'The pruned file has no {missing[0]}: it was not made from this teacher.')
        if options.features > 0:
            with torch.no_grad():
                theirs = teacher(pictures[:1], [node.input[0] for node in teacher.heads()])
                ours = student(pictures[:1], [mine[head.name].input[0] for head in self.heads])
            for i, node in enumerate(teacher.heads()):
                ours_name, axis = mine[node.output[0]].input[0], axes[node.output[0]]
                self.features[str(i)] = (ours_name, node.input[0], axis)
                self.adapters[str(i)] = nn.Linear(ours[ours_name].shape[axis], theirs[node.input[0]].shape[axis])
            self.adapters.to(pictures.device)

    def watched(self, side):
        """Values that a network has to give: 0 for the student's, 1 for the teacher's."""
        return [head.name for head in self.heads] + [names[side] for names in self.features.values()]

    def confidence(self, taught):
        """How sure the teacher is that something is at a place, by the shape of the places."""
        found = {}
        for head in self.heads:
            rows = head.rows(taught[head.name])
            if head.scores.any():
                sure = rows[..., head.scores].sigmoid().amax(-1, keepdim=True)
                known = found.get(rows.shape[:-1])
                found[rows.shape[:-1]] = sure if known is None else torch.maximum(known, sure)
        return found

    def forward(self, student, taught):
        """The weighted sum, and its parts. Both sides are values by name (`watched`)."""
        o, parts = self.options, {'scores': 0.0, 'distributions': 0.0, 'values': 0.0, 'features': 0.0}
        sure = self.confidence(taught)
        for head in self.heads:
            s, t = head.rows(student[head.name]), head.rows(taught[head.name])
            weight = sure.get(t.shape[:-1], torch.ones_like(t[..., :1]))
            total = weight.sum() + 1
            if head.scores.any():
                want = (t[..., head.scores] / o.temperature).sigmoid()
                loss = F.binary_cross_entropy_with_logits(s[..., head.scores] / o.temperature, want, reduction='sum')
                least = F.binary_cross_entropy(want, want, reduction='sum')
                parts['scores'] = parts['scores'] + o.temperature**2 * (loss - least) / total
            if head.spread.any():
                a, b = (v[..., head.spread].unflatten(-1, (-1, head.size)) / o.temperature for v in (s, t))
                loss = F.kl_div(a.log_softmax(-1), b.log_softmax(-1), log_target=True, reduction='none').sum(-1)
                parts['distributions'] = parts['distributions'] + o.temperature**2 * (weight * loss).sum() / (total * loss.shape[-1])
            if head.values.any():
                loss = F.smooth_l1_loss(s[..., head.values] / head.scale, t[..., head.values] / head.scale, reduction='none')
                parts['values'] = parts['values'] + (weight * loss).sum() / (total * loss.shape[-1])
        for key, (mine, theirs, axis) in self.features.items():
            want = taught[theirs].movedim(axis, -1)
            seen = self.adapters[key](student[mine].movedim(axis, -1))
            parts['features'] = parts['features'] + F.mse_loss(seen, want) / (want.pow(2).mean() + 1e-6)
        return sum(getattr(o, name) * value for name, value in parts.items()), parts
