"""Perceptrons as files of TensorFlow Lite, of 8 bits, and what microflow makes of them.

A pixel is 0 or 1 as it is; hidden neurons and fields have a byte each.
"""

import flatbuffers
import numpy as np
import tflite


def quantised(parameters, items):
    """Both layers: weights, biases, and the scales and zero points of what they give; ranges are those of `items`."""
    layers, scale, values = [], np.float32(1), items.astype(np.float64)
    for index, (weights, bias) in enumerate(zip(parameters[::2], parameters[1::2])):
        step = np.float32(np.abs(weights).max() / 127)
        values = values @ weights.T + bias
        if index == 0:
            values = np.maximum(values, 0)
            out, zero = np.float32(np.quantile(values, 0.9999) / 255), -128
        else:
            out, zero = np.float32(np.abs(values).max() / 127), 0
        bytes_of = np.rint(weights / step).astype(np.int8)
        layers.append((bytes_of, step, np.rint(bias / (scale * step)).astype(np.int32), scale * step, out, zero))
        scale = out
    return layers


def answers(layers, items):
    """What microflow answers: products as integers, and then f32."""
    values, scale, zero = items.astype(np.int32), np.float32(1), 0
    for index, (weights, step, bias, bias_step, out, out_zero) in enumerate(layers):
        sums = values @ weights.T.astype(np.int32) - weights.sum(1, dtype=np.int32) * zero
        fields = np.float32(out_zero) + bias_step / out * bias.astype(np.float32)
        fields = fields + scale * step / out * sums.astype(np.float32)
        # Halves go away from zero.
        rounded = np.sign(fields) * np.floor(np.abs(fields.astype(np.float64)) + 0.5)
        values = np.clip(rounded, out_zero if index == 0 else -128, 127).astype(np.int32)
        scale, zero = out, out_zero
    return values.argmax(1)


def file(layers):
    """The bytes of the file."""
    builder = flatbuffers.Builder(1 << 14)

    def vector(offsets):
        builder.StartVector(4, len(offsets), 4)
        for offset in reversed(offsets):
            builder.PrependUOffsetTRelative(offset)
        return builder.EndVector()

    buffers, tensors, operators = [], [], []

    def buffer(data):
        content = None if data is None else builder.CreateNumpyVector(np.frombuffer(data, np.uint8))
        tflite.BufferStart(builder)
        if content is not None:
            tflite.BufferAddData(builder, content)
        buffers.append(tflite.BufferEnd(builder))
        return len(buffers) - 1

    def tensor(shape, kind, scale, zero, data=None):
        scales = builder.CreateNumpyVector(np.array([scale], np.float32))
        zeros = builder.CreateNumpyVector(np.array([zero], np.int64))
        tflite.QuantizationParametersStart(builder)
        tflite.QuantizationParametersAddScale(builder, scales)
        tflite.QuantizationParametersAddZeroPoint(builder, zeros)
        quantisation = tflite.QuantizationParametersEnd(builder)
        at, sides = buffer(data), builder.CreateNumpyVector(np.array(shape, np.int32))
        tflite.TensorStart(builder)
        tflite.TensorAddShape(builder, sides)
        tflite.TensorAddType(builder, kind)
        tflite.TensorAddBuffer(builder, at)
        tflite.TensorAddQuantization(builder, quantisation)
        tensors.append(tflite.TensorEnd(builder))
        return len(tensors) - 1

    buffer(None)
    first = last = tensor([1, layers[0][0].shape[1]], tflite.TensorType.INT8, 1, 0)
    for index, (weights, step, bias, bias_step, out, zero) in enumerate(layers):
        inputs = [last, tensor(weights.shape, tflite.TensorType.INT8, step, 0, weights.tobytes()),
                  tensor(bias.shape, tflite.TensorType.INT32, bias_step, 0, bias.tobytes())]
        last = tensor([1, len(bias)], tflite.TensorType.INT8, out, zero)
        inputs, outputs = (builder.CreateNumpyVector(np.array(part, np.int32)) for part in (inputs, [last]))
        tflite.FullyConnectedOptionsStart(builder)
        relu = tflite.ActivationFunctionType.RELU if index == 0 else tflite.ActivationFunctionType.NONE
        tflite.FullyConnectedOptionsAddFusedActivationFunction(builder, relu)
        options = tflite.FullyConnectedOptionsEnd(builder)
        tflite.OperatorStart(builder)
        tflite.OperatorAddOpcodeIndex(builder, 0)
        tflite.OperatorAddInputs(builder, inputs)
        tflite.OperatorAddOutputs(builder, outputs)
        tflite.OperatorAddBuiltinOptionsType(builder, tflite.BuiltinOptions.FullyConnectedOptions)
        tflite.OperatorAddBuiltinOptions(builder, options)
        operators.append(tflite.OperatorEnd(builder))
    tflite.OperatorCodeStart(builder)
    tflite.OperatorCodeAddDeprecatedBuiltinCode(builder, tflite.BuiltinOperator.FULLY_CONNECTED)
    tflite.OperatorCodeAddBuiltinCode(builder, tflite.BuiltinOperator.FULLY_CONNECTED)
    codes = vector([tflite.OperatorCodeEnd(builder)])
    parts = vector(tensors), vector(operators)
    ends = [builder.CreateNumpyVector(np.array([end], np.int32)) for end in (first, last)]
    tflite.SubGraphStart(builder)
    tflite.SubGraphAddTensors(builder, parts[0])
    tflite.SubGraphAddOperators(builder, parts[1])
    tflite.SubGraphAddInputs(builder, ends[0])
    tflite.SubGraphAddOutputs(builder, ends[1])
    graphs, all_buffers = vector([tflite.SubGraphEnd(builder)]), vector(buffers)
    tflite.ModelStart(builder)
    tflite.ModelAddVersion(builder, 3)
    tflite.ModelAddOperatorCodes(builder, codes)
    tflite.ModelAddSubgraphs(builder, graphs)
    tflite.ModelAddBuffers(builder, all_buffers)
    builder.Finish(tflite.ModelEnd(builder), b"TFL3")
    return bytes(builder.Output())
