"""Operators of ONNX as functions of torch: (attributes, inputs) -> output, or a tuple of them. Missing inputs are None."""
import numpy as np
import torch
import torch.nn.functional as F

DTYPES = {1: torch.float32, 2: torch.uint8, 3: torch.int8, 5: torch.int16, 6: torch.int32, 7: torch.int64,
          9: torch.bool, 10: torch.float16, 11: torch.float64, 16: torch.bfloat16}


def ints(value):
    return None if value is None else [int(v) for v in value.reshape(-1).tolist()]


def pads_of(a, x):
    """Pads of a window, smallest axis last, as (begin, end) for each spatial axis."""
    rank = x.ndim - 2
    if a.get('auto_pad', b'NOTSET') not in (b'NOTSET', b'VALID'):
        strides, kernel, dilations = a.get('strides', [1] * rank), a['kernel_shape'], a.get('dilations', [1] * rank)
        pairs = []
        for side, stride, size, dilation in zip(x.shape[2:], strides, kernel, dilations):
            total = max(0, (-(-side // stride) - 1) * stride + (size - 1) * dilation + 1 - side)
            first = total // 2 if a['auto_pad'] == b'SAME_UPPER' else total - total // 2
            pairs.append((first, total - first))
        return pairs
    pads = a.get('pads', [0] * (2 * rank))
    return list(zip(pads[:rank], pads[rank:]))


def padded(x, pairs, value=0.0):
    return x if all(p == (0, 0) for p in pairs) else F.pad(x, [p for pair in reversed(pairs) for p in pair], value=value)


def conv(a, x, w, b=None):
    run = (F.conv1d, F.conv2d, F.conv3d)[x.ndim - 3]
    pairs = pads_of({'kernel_shape': list(w.shape[2:]), **a}, x)
    even = all(first == last for first, last in pairs)
    x = x if even else padded(x, pairs)
    return run(x, w, b, a.get('strides', 1), [p[0] for p in pairs] if even else 0, a.get('dilations', 1), a.get('group', 1))


def conv_transpose(a, x, w, b=None):
    run = (F.conv_transpose1d, F.conv_transpose2d)[x.ndim - 3]
    pairs = pads_of({'kernel_shape': list(w.shape[2:]), **a}, x)
    return run(x, w, b, a.get('strides', 1), [p[0] for p in pairs], a.get('output_padding', 0), a.get('group', 1), a.get('dilations', 1))


def max_pool(a, x):
    x = padded(x, pads_of(a, x), -torch.inf)
    return F.max_pool2d(x, a['kernel_shape'], a.get('strides', 1), 0, a.get('dilations', 1), bool(a.get('ceil_mode', 0)))


def average_pool(a, x):
    pairs, size = pads_of(a, x), a['kernel_shape']
    y = F.avg_pool2d(padded(x, pairs), size, a.get('strides', 1), 0, bool(a.get('ceil_mode', 0)))
    if a.get('count_include_pad', 0) or all(p == (0, 0) for p in pairs):
        return y
    return y / F.avg_pool2d(padded(torch.ones_like(x[:1, :1]), pairs), size, a.get('strides', 1), 0, bool(a.get('ceil_mode', 0)))


def gemm(a, x, w, b=None):
    x = x.mT if a.get('transA', 0) else x
    y = a.get('alpha', 1.0) * (x @ (w.mT if a.get('transB', 0) else w))
    return y if b is None else y + a.get('beta', 1.0) * b


def batch_norm(a, x, scale, bias, mean, variance):
    return F.batch_norm(x, mean, variance, scale, bias, False, 0.0, a.get('epsilon', 1e-5))


def layer_norm(a, x, scale, bias=None):
    return F.layer_norm(x, x.shape[a.get('axis', -1):], scale, bias, a.get('epsilon', 1e-5))


def reshape(a, x, shape):
    sides = [x.shape[i] if side == 0 and not a.get('allowzero', 0) else side for i, side in enumerate(ints(shape))]
    return x.reshape(sides)


def flatten(a, x):
    axis = a.get('axis', 1) % (x.ndim + 1)
    return x.reshape(int(np.prod(x.shape[:axis], dtype=int)), -1)


def squeeze(a, x, axes=None):
    axes = ints(axes) or a.get('axes') or [i for i, side in enumerate(x.shape) if side == 1]
    return x.squeeze([axis % x.ndim for axis in axes])


def unsqueeze(a, x, axes=None):
    axes = ints(axes) or a['axes']
    rank = x.ndim + len(axes)
    for axis in sorted(axis % rank for axis in axes):
        x = x.unsqueeze(axis)
    return x


def split(a, x, sizes=None, outputs=1):
    axis = a.get('axis', 0)
    sizes = ints(sizes) or a.get('split') or [len(part) for part in np.array_split(range(x.shape[axis]), outputs)]
    return torch.split(x, sizes, axis)


def slice_(a, x, starts=None, ends=None, axes=None, steps=None):
    starts, ends = ints(starts) or a['starts'], ints(ends) or a['ends']
    axes = ints(axes) or a.get('axes') or list(range(len(starts)))
    for axis, start, end, step in zip(axes, starts, ends, ints(steps) or [1] * len(starts)):
        places = range(x.shape[axis])[slice(start, None if step < 0 and end < -x.shape[axis] else end, step)]
        if step == 1:
            x = x.narrow(axis, places.start if places else 0, len(places))
        else:
            x = x.index_select(axis, torch.tensor(list(places), device=x.device))
    return x


def gather(a, x, index):
    axis = a.get('axis', 0)
    index = torch.where(index < 0, index + x.shape[axis], index).long()
    return x.index_select(axis, index.reshape(-1)).reshape(*x.shape[:axis % x.ndim], *index.shape, *x.shape[axis % x.ndim + 1:])


def gather_elements(a, x, index):
    axis = a.get('axis', 0)
    return x.gather(axis, torch.where(index < 0, index + x.shape[axis], index).long())


def gather_nd(a, x, index):
    if a.get('batch_dims', 0):
        raise NotImplementedError('GatherND with batch_dims')
    return x[tuple(index.long().unbind(-1))]


def pad(a, x, pads=None, value=None, axes=None):
    pads, axes = ints(pads) or a['pads'], ints(axes) or list(range(x.ndim))
    pairs = [(0, 0)] * x.ndim
    for i, axis in enumerate(axes):
        pairs[axis] = (pads[i], pads[i + len(axes)])
    mode = a.get('mode', b'constant').decode()
    if mode == 'constant':
        return padded(x, pairs, 0.0 if value is None else float(value))
    return F.pad(x, [p for pair in reversed(pairs[2:]) for p in pair], mode={'edge': 'replicate'}.get(mode, mode))


def resize(a, x, roi=None, scales=None, sizes=None):
    sizes = ints(sizes) if sizes is not None and sizes.numel() else [int(np.floor(s * f)) for s, f in zip(x.shape, scales.tolist())]
    if list(sizes[:2]) != list(x.shape[:2]):
        raise NotImplementedError('Resize of the first two axes')
    mode, where = a.get('mode', b'nearest').decode(), a.get('coordinate_transformation_mode', b'half_pixel').decode()
    if mode == 'nearest':
        exact = all(side % old == 0 for side, old in zip(sizes, x.shape))
        if not exact and (where != 'asymmetric' or a.get('nearest_mode', b'round_prefer_floor') != b'floor'):
            raise NotImplementedError(f'Resize nearest, {where}, by a broken factor')
        return F.interpolate(x, sizes[2:], mode='nearest')
    if where not in ('half_pixel', 'pytorch_half_pixel', 'align_corners'):
        raise NotImplementedError(f'Resize {mode}, {where}')
    return F.interpolate(x, sizes[2:], mode={'linear': 'bilinear', 'cubic': 'bicubic'}[mode], align_corners=where == 'align_corners')


def axes_of(a, x, axes):
    listed = ints(axes) if axes is not None and axes.numel() else a.get('axes')
    return listed or ([] if a.get('noop_with_empty_axes', 0) else list(range(x.ndim)))


def reduction(run):
    def reduce(a, x, axes=None):
        along = axes_of(a, x, axes)
        return run(x, along, bool(a.get('keepdims', 1))) if along else x
    return reduce


def top_k(a, x, k, given=None):
    """`given`: indices to take instead of finding them, so that a student looks where its teacher looks."""
    axis = a.get('axis', -1)
    if given is not None:
        return x.gather(axis, given), given
    return tuple(torch.topk(x, int(k), axis, bool(a.get('largest', 1)), bool(a.get('sorted', 1))))


def grid_sample(a, x, grid):
    mode = {'linear': 'bilinear'}.get(a.get('mode', b'linear').decode(), a.get('mode', b'linear').decode())
    return F.grid_sample(x, grid, mode, a.get('padding_mode', b'zeros').decode(), bool(a.get('align_corners', 0)))


def depth_to_space(a, x):
    size, (b, c, h, w) = a['blocksize'], x.shape
    if a.get('mode', b'DCR') == b'CRD':
        return F.pixel_shuffle(x, size)
    return x.view(b, size, size, c // size**2, h, w).permute(0, 3, 4, 1, 5, 2).reshape(b, c // size**2, h * size, w * size)


def space_to_depth(a, x):
    size, (b, c, h, w) = a['blocksize'], x.shape
    return x.view(b, c, h // size, size, w // size, size).permute(0, 3, 5, 1, 2, 4).reshape(b, c * size**2, h // size, w // size)


def clip(a, x, low=None, high=None):
    low, high = a.get('min', low), a.get('max', high)
    return x if low is None and high is None else torch.clamp(x, low, high)


def divide(a, x, y):
    return x / y if x.is_floating_point() else torch.div(x, y, rounding_mode='trunc')


def folded(run):
    return lambda a, *values: values[0] if len(values) == 1 else run(values[0], folded(run)(a, *values[1:]))


def plain(run):
    return lambda a, *values: run(*values)


OPERATORS = {
    'Conv': conv, 'ConvTranspose': conv_transpose, 'MaxPool': max_pool, 'AveragePool': average_pool,
    'GlobalAveragePool': lambda a, x: x.mean(list(range(2, x.ndim)), True),
    'GlobalMaxPool': lambda a, x: x.amax(list(range(2, x.ndim)), True),
    'Gemm': gemm, 'MatMul': plain(torch.matmul), 'BatchNormalization': batch_norm, 'LayerNormalization': layer_norm,
    'InstanceNormalization': lambda a, x, s, b: F.instance_norm(x, weight=s, bias=b, eps=a.get('epsilon', 1e-5)),
    'Reshape': reshape, 'Flatten': flatten, 'Squeeze': squeeze, 'Unsqueeze': unsqueeze, 'Slice': slice_,
    'Transpose': lambda a, x: x.permute(a.get('perm', list(reversed(range(x.ndim))))),
    'Concat': lambda a, *values: torch.cat(values, a['axis']),
    'Gather': gather, 'GatherElements': gather_elements, 'GatherND': gather_nd, 'Pad': pad, 'Resize': resize,
    'Expand': lambda a, x, shape: x * torch.ones(ints(shape), dtype=x.dtype, device=x.device),
    'Tile': lambda a, x, repeats: x.repeat(ints(repeats)), 'GridSample': grid_sample,
    'DepthToSpace': depth_to_space, 'SpaceToDepth': space_to_depth,
    'Relu': plain(F.relu), 'LeakyRelu': lambda a, x: F.leaky_relu(x, a.get('alpha', 0.01)),
    'PRelu': lambda a, x, slope: torch.where(x < 0, x * slope, x),
    'Sigmoid': plain(torch.sigmoid), 'Tanh': plain(torch.tanh), 'Softplus': plain(F.softplus), 'Mish': plain(F.mish),
    'HardSigmoid': lambda a, x: torch.clamp(a.get('alpha', 0.2) * x + a.get('beta', 0.5), 0, 1),
    'HardSwish': plain(F.hardswish), 'Elu': lambda a, x: F.elu(x, a.get('alpha', 1.0)), 'Clip': clip,
    'Gelu': lambda a, x: F.gelu(x, approximate=a.get('approximate', b'none').decode()), 'Erf': plain(torch.erf),
    'Softmax': lambda a, x: x.softmax(a.get('axis', -1)), 'LogSoftmax': lambda a, x: x.log_softmax(a.get('axis', -1)),
    'Add': plain(torch.add), 'Sub': plain(torch.sub), 'Mul': plain(torch.mul), 'Div': divide, 'Pow': plain(torch.pow),
    'Mod': lambda a, x, y: torch.fmod(x, y) if a.get('fmod', 0) else torch.remainder(x, y),
    'Max': folded(torch.maximum), 'Min': folded(torch.minimum), 'Sum': folded(torch.add),
    'Sqrt': plain(torch.sqrt), 'Exp': plain(torch.exp), 'Log': plain(torch.log), 'Abs': plain(torch.abs), 'Neg': plain(torch.neg),
    'Floor': plain(torch.floor), 'Ceil': plain(torch.ceil), 'Round': plain(torch.round), 'Sign': plain(torch.sign),
    'Sin': plain(torch.sin), 'Cos': plain(torch.cos), 'Reciprocal': plain(torch.reciprocal),
    'Equal': plain(torch.eq), 'Greater': plain(torch.gt), 'Less': plain(torch.lt), 'GreaterOrEqual': plain(torch.ge),
    'LessOrEqual': plain(torch.le), 'Not': plain(torch.logical_not), 'And': plain(torch.logical_and), 'Or': plain(torch.logical_or),
    'Where': plain(torch.where), 'Cast': lambda a, x: x.to(DTYPES[a['to']]), 'Identity': lambda a, x: x, 'Dropout': lambda a, x, *_: x,
    'ReduceMean': reduction(torch.mean), 'ReduceSum': reduction(torch.sum), 'ReduceMax': reduction(torch.amax),
    'ReduceMin': reduction(torch.amin), 'ReduceL2': reduction(lambda x, axes, keep: torch.linalg.vector_norm(x, 2, axes, keep)),
    'ArgMax': lambda a, x: x.argmax(a.get('axis', 0), bool(a.get('keepdims', 1))), 'TopK': top_k,
    'Shape': lambda a, x: torch.tensor(x.shape),
}
