package io.espalier.training.weights;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.CodedInputStream;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads trainable weights out of an ONNX graph that PyTorch exported. Parameters keep their names there, except the weights
 * of linear layers: they are transposed to [in, out] and lose theirs. Such a weight is named after the bias that the next
 * node adds.
 */
public final class OnnxWeights {
    private static final String BIAS = ".bias";
    private static final String ANONYMOUS = "onnx::";

    private OnnxWeights() {}

    /**
     * @param model a float32 graph; the array must not change while the call runs
     * @return by PyTorch's names, linear weights as [out, in]
     * @throws InvalidWeightsException if the graph is not one of floats, or a weight stays without a name
     */
    public static Map<String, Tensor> read(byte[] model) throws IOException {
        CodedInputStream in = CodedInputStream.newInstance(model);
        // The tensors point into the array instead of being copied: a model is most of a heap.
        in.enableAliasing(true);
        in.setSizeLimit(Integer.MAX_VALUE);
        GraphProto graph = ModelProto.parseFrom(in).getGraph();

        Map<String, TensorProto> initializers = new HashMap<>();
        Map<String, Tensor> weights = new LinkedHashMap<>();
        for (TensorProto initializer : graph.getInitializerList()) {
            initializers.put(initializer.getName(), initializer);
            // 64-bit integers are indices that PyTorch keeps beside the weights, such as BERT's position_ids.
            boolean indices = initializer.getDataType() == TensorProto.DataType.INT64.getNumber();
            if (!indices && !initializer.getName().startsWith(ANONYMOUS)) {
                weights.put(initializer.getName(), tensor(initializer));
            }
        }
        Map<String, NodeProto> additions = new HashMap<>();
        for (NodeProto node : graph.getNodeList()) {
            if (node.getOpType().equals("Add")) {
                node.getInputList().forEach(input -> additions.put(input, node));
            }
        }
        for (NodeProto node : graph.getNodeList()) {
            TensorProto weight = node.getOpType().equals("MatMul") ? initializers.get(node.getInput(1)) : null;
            if (weight != null) {
                String name = nameOf(node, additions.get(node.getOutput(0)), initializers);
                weights.put(name, tensor(weight).transposed());
            }
        }
        return weights;
    }

    private static String nameOf(
            NodeProto product, @Nullable NodeProto addition, Map<String, TensorProto> initializers) {
        if (addition != null) {
            for (String input : addition.getInputList()) {
                if (initializers.containsKey(input) && input.endsWith(BIAS)) {
                    return input.substring(0, input.length() - BIAS.length()) + ".weight";
                }
            }
        }
        throw new InvalidWeightsException(
                "No bias names the weight %s of the node %s.".formatted(product.getInput(1), product.getName()));
    }

    private static Tensor tensor(TensorProto proto) {
        if (proto.getDataType() != TensorProto.DataType.FLOAT.getNumber()) {
            throw new InvalidWeightsException("The tensor %s has the ONNX type %d; only float32 can be trained."
                    .formatted(proto.getName(), proto.getDataType()));
        }
        long[] shape = proto.getDimsList().stream().mapToLong(Long::longValue).toArray();
        float[] values = new float[Math.toIntExact(Tensor.elements(shape))];
        if (proto.getRawData().size() != Math.multiplyExact(values.length, Float.BYTES)) {
            throw new InvalidWeightsException("The tensor %s has %d bytes for %d values."
                    .formatted(proto.getName(), proto.getRawData().size(), values.length));
        }
        proto.getRawData()
                .asReadOnlyByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(values);
        return new Tensor(shape, values);
    }
}
