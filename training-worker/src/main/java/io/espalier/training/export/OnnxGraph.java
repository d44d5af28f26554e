package io.espalier.training.export;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * An ONNX graph under construction. Values are named by strings, as in ONNX itself; a node's output gets the node's name.
 * Equal calls give equal bytes. Not thread-safe.
 */
public final class OnnxGraph {
    private static final int OPSET = 17;

    private static final int IR_VERSION = 8;
    private static final String MICROSOFT = "com.microsoft";

    private final GraphProto.Builder graph = GraphProto.newBuilder().setName("espalier");
    private final Set<String> constants = new HashSet<>();
    private int nodes;

    /** @param dimensions names of free ones, or sizes */
    public void longInput(String name, Object... dimensions) {
        graph.addInput(value(name, DataType.INT64, dimensions));
    }

    public void floatInput(String name, Object... dimensions) {
        graph.addInput(value(name, DataType.FLOAT, dimensions));
    }

    /** Makes a value of the graph one of its outputs, under its own name. */
    public void output(String value, Object... dimensions) {
        graph.addOutput(value(value, DataType.FLOAT, dimensions));
    }

    /** Makes a value an output under another name. */
    public void outputAs(String name, String value, Object... dimensions) {
        graph.addNode(NodeProto.newBuilder()
                .setOpType("Identity")
                .setName(name)
                .addInput(value)
                .addOutput(name));
        output(name, dimensions);
    }

    /** Constants are told apart by name: a second one of the same name is the first one. */
    public String floats(String name, float[] values, long... shape) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return constant(name, DataType.FLOAT, bytes.array(), shape);
    }

    public String scalar(String name, float value) {
        return floats(name, new float[] {value});
    }

    /** A list of whole numbers, as shapes, axes and indices are given. */
    public String longs(String name, long... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(values);
        return constant(name, DataType.INT64, bytes.array(), values.length);
    }

    /** One whole number without dimensions. */
    public String index(String name, long value) {
        byte[] bytes = ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array();
        return constant(name, DataType.INT64, bytes);
    }

    public String int8(String name, byte[] values, long... shape) {
        return constant(name, DataType.INT8, values, shape);
    }

    public String int32(String name, int[] values) {
        return int32(name, values, values.length);
    }

    public String int32(String name, int[] values, long... shape) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Integer.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(values);
        return constant(name, DataType.INT32, bytes.array(), shape);
    }

    public String uint8(String name, int value) {
        return constant(name, DataType.UINT8, new byte[] {(byte) value});
    }

    /** Adds an operator of ONNX and returns its only output. */
    public String node(String operator, List<String> inputs, AttributeProto... attributes) {
        return nodes("", operator, inputs, 1, attributes).getFirst();
    }

    public List<String> nodeOf(int outputs, String operator, List<String> inputs, AttributeProto... attributes) {
        return nodes("", operator, inputs, outputs, attributes);
    }

    /** Adds an operator that ONNX Runtime has of its own. */
    public String microsoft(String operator, List<String> inputs, AttributeProto... attributes) {
        return nodes(MICROSOFT, operator, inputs, 1, attributes).getFirst();
    }

    public static AttributeProto integer(String name, long value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INT)
                .setI(value)
                .build();
    }

    public static AttributeProto number(String name, double value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.FLOAT)
                .setF((float) value)
                .build();
    }

    public static AttributeProto integers(String name, long... values) {
        var attribute = AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS);
        for (long value : values) {
            attribute.addInts(value);
        }
        return attribute.build();
    }

    public static AttributeProto word(String name, String value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.STRING)
                .setS(ByteString.copyFromUtf8(value))
                .build();
    }

    public static AttributeProto type(DataType type) {
        return integer("to", type.getNumber());
    }

    /** Replaces the file if it exists. */
    public void write(Path file) throws IOException {
        ModelProto model = ModelProto.newBuilder()
                .setIrVersion(IR_VERSION)
                .setProducerName("espalier")
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET))
                .addOpsetImport(
                        OperatorSetIdProto.newBuilder().setDomain(MICROSOFT).setVersion(1))
                .setGraph(graph)
                .build();
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
            model.writeTo(out);
        }
    }

    private List<String> nodes(
            String domain, String operator, List<String> inputs, int outputs, AttributeProto... attributes) {
        String name = operator + "_" + nodes++;
        NodeProto.Builder node = NodeProto.newBuilder()
                .setDomain(domain)
                .setOpType(operator)
                .setName(name)
                .addAllInput(inputs)
                .addAllAttribute(List.of(attributes));
        List<String> names = new ArrayList<>(outputs);
        for (int i = 0; i < outputs; i++) {
            names.add(outputs == 1 ? name : name + "_" + i);
        }
        graph.addNode(node.addAllOutput(names));
        return names;
    }

    private String constant(String name, DataType type, byte[] bytes, long... shape) {
        if (constants.add(name)) {
            TensorProto.Builder tensor = TensorProto.newBuilder()
                    .setName(name)
                    .setDataType(type.getNumber())
                    // The array is ours alone, so the copy can be saved.
                    .setRawData(UnsafeByteOperations.unsafeWrap(bytes));
            for (long dimension : shape) {
                tensor.addDims(dimension);
            }
            graph.addInitializer(tensor);
        }
        return name;
    }

    private static ValueInfoProto value(String name, DataType type, Object... dimensions) {
        var shape = TensorShapeProto.newBuilder();
        for (Object dimension : dimensions) {
            var one = TensorShapeProto.Dimension.newBuilder();
            shape.addDim(
                    dimension instanceof String free
                            ? one.setDimParam(free)
                            : one.setDimValue(((Number) dimension).longValue()));
        }
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder()
                        .setTensorType(TypeProto.Tensor.newBuilder()
                                .setElemType(type.getNumber())
                                .setShape(shape)))
                .build();
    }
}
