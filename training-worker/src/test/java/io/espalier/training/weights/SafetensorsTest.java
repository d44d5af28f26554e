package io.espalier.training.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void nameTheFile() {
        file = folder.resolve("model.safetensors");
    }

    @Test
    void readsBackWhatItWrote() throws IOException {
        float[] many = new float[200_000];
        Random random = new Random(7);
        for (int i = 0; i < many.length; i++) {
            many[i] = random.nextFloat() - 0.5f;
        }
        Map<String, Tensor> tensors = Map.of(
                "matrix", Tensor.of(new float[] {1, -2, Float.NaN, Float.NEGATIVE_INFINITY, 0, -0f}, 2, 3),
                "scalar", Tensor.of(new float[] {4}),
                "nothing", Tensor.of(new float[0], 0, 3),
                "larger than the buffer", Tensor.of(many, 400, 500));

        Safetensors.write(file, tensors, Map.of("task", "text-classification"));

        assertThat(Safetensors.read(file)).containsExactlyInAnyOrderEntriesOf(tensors);
        assertThat(Safetensors.metadata(file)).isEqualTo(Map.of("task", "text-classification"));
    }

    @Test
    void writesEqualBytesForEqualContentsInAnyOrder() throws IOException {
        Map<String, Tensor> forwards = new LinkedHashMap<>();
        Map<String, Tensor> backwards = new LinkedHashMap<>();
        for (int i = 0; i < 20; i++) {
            forwards.put("w" + i, Tensor.of(new float[] {i}, 1));
            backwards.put("w" + (19 - i), Tensor.of(new float[] {19 - i}, 1));
        }
        Path other = folder.resolve("other.safetensors");

        Safetensors.write(file, forwards, Map.of("b", "2", "a", "1"));
        Safetensors.write(other, backwards, new LinkedHashMap<>(Map.of("a", "1", "b", "2")));

        assertThat(file).hasSameBinaryContentAs(other);
    }

    @Test
    void replacesALongerFile() throws IOException {
        Safetensors.write(file, Map.of("long", Tensor.of(new float[1000], 1000)), Map.of());
        Safetensors.write(file, Map.of("short", Tensor.of(new float[] {1}, 1)), Map.of());

        assertThat(Safetensors.read(file)).containsOnlyKeys("short");
    }

    @Test
    void widensHalfPrecision() throws IOException {
        ByteBuffer data = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        data.putShort(Float.floatToFloat16(1.5f)).putShort(Float.floatToFloat16(-65504f));
        data.putShort((short) 0x3FC0).putShort((short) 0xFF80);
        write("""
                {"half": {"dtype": "F16", "shape": [2], "data_offsets": [0, 4]},
                 "brain": {"dtype": "BF16", "shape": [2, 1], "data_offsets": [4, 8]}}""", data.array());

        Map<String, Tensor> tensors = Safetensors.read(file);

        assertThat(tensors.get("half")).isEqualTo(Tensor.of(new float[] {1.5f, -65504f}, 2));
        assertThat(tensors.get("brain")).isEqualTo(Tensor.of(new float[] {1.5f, Float.NEGATIVE_INFINITY}, 2, 1));
    }

    @Nested
    class RefusesAHostileFile {
        @ParameterizedTest(name = "{0}")
        @CsvSource(delimiter = '|', quoteCharacter = '^', textBlock = """
            beyond the end     | {"w": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}}                  | The tensor w lies at [0, 16] of 8 bytes.
            before the start   | {"w": {"dtype": "F32", "shape": [2], "data_offsets": [-8, 0]}}                  | The tensor w has -8 in its data_offsets.
            backwards          | {"w": {"dtype": "F32", "shape": [2], "data_offsets": [8, 0]}}                   | The tensor w lies at [8, 0] of 8 bytes.
            one offset         | {"w": {"dtype": "F32", "shape": [2], "data_offsets": [8]}}                      | The tensor w lies at [8] of 8 bytes.
            no offsets         | {"w": {"dtype": "F32", "shape": [2]}}                                           | The tensor w has no list data_offsets.
            offset overflow    | {"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 18446744073709551616]}} | The tensor w has 18446744073709551616 in its data_offsets.
            wrong shape        | {"w": {"dtype": "F32", "shape": [3], "data_offsets": [0, 8]}}                   | The tensor w has 8 bytes, which its shape [3] does not need.
            negative shape     | {"w": {"dtype": "F32", "shape": [-1, -2], "data_offsets": [0, 8]}}              | The tensor w has -1 in its shape.
            fractional shape   | {"w": {"dtype": "F32", "shape": [2.5], "data_offsets": [0, 8]}}                 | The tensor w has 2.5 in its shape.
            overflowing shape  | {"w": {"dtype": "F32", "shape": [4294967296, 4294967296], "data_offsets": [0, 8]}} | The tensor w has the impossible shape [4294967296, 4294967296].
            overflowing bytes  | {"w": {"dtype": "F32", "shape": [4611686018427387906], "data_offsets": [0, 8]}} | The tensor w has 8 bytes, which its shape [4611686018427387906] does not need.
            half an element    | {"w": {"dtype": "F16", "shape": [3], "data_offsets": [0, 7]}}                   | The tensor w has 7 bytes, which its shape [3] does not need.
            unknown type       | {"w": {"dtype": "F64", "shape": [1], "data_offsets": [0, 8]}}                   | The tensor w has the type F64; read are [F32, F16, BF16, I64, I32, BOOL].
            type is no word    | {"w": {"dtype": 4, "shape": [1], "data_offsets": [0, 8]}}                       | The tensor w has the type 4; read are [F32, F16, BF16, I64, I32, BOOL].
            overlap            | {"v": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}, "w": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}} | The tensor w shares bytes with another tensor.
            same place         | {"v": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}, "w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}} | The tensor w shares bytes with another tensor.
            gap                | {"w": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}}                   | The tensor w follows 4 bytes that belong to no tensor.
            bytes left over    | {"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}                   | The file holds 4 bytes after its last tensor.
            a list             | [1, 2]                                                                          | The header is not a JSON object.
            a tensor of words  | {"w": "secret"}                                                                 | The tensor w is not described by an object.
            """)
        void andNamesTheTensor(String name, String header, String message) throws IOException {
            write(header, new byte[8]);

            assertThatThrownBy(() -> Safetensors.read(file))
                    .isInstanceOf(InvalidWeightsException.class)
                    .hasMessage(message);
        }

        @Test
        void whoseHeaderIsNoJson() throws IOException {
            write("{\"w\": ", new byte[8]);

            assertThatThrownBy(() -> Safetensors.read(file))
                    .isInstanceOf(InvalidWeightsException.class)
                    .hasMessageStartingWith("The header is not JSON");
        }

        @Test
        void whoseHeaderNamesATensorTwice() throws IOException {
            write("""
                    {"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
                     "w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}""", new byte[8]);

            assertThatThrownBy(() -> Safetensors.read(file))
                    .isInstanceOf(InvalidWeightsException.class)
                    .hasMessageContaining("uplicate");
        }

        @Test
        void whoseHeaderIsNestedWithoutEnd() throws IOException {
            write("{\"w\":".repeat(100_000), new byte[8]);

            assertThatThrownBy(() -> Safetensors.read(file)).isInstanceOf(InvalidWeightsException.class);
        }

        @ParameterizedTest
        @CsvSource({"-1", "9223372036854775807", "4294967296", "17", "0"})
        void whoseHeaderHasAnImpossibleLength(long length) throws IOException {
            Files.write(
                    file,
                    ByteBuffer.allocate(24)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putLong(length)
                            .array());

            assertThatThrownBy(() -> Safetensors.read(file))
                    .isInstanceOf(InvalidWeightsException.class)
                    .hasMessageContaining(Long.toUnsignedString(length));
        }

        @Test
        void thatIsEmpty() throws IOException {
            Files.write(file, new byte[0]);

            assertThatThrownBy(() -> Safetensors.read(file))
                    .isInstanceOf(InvalidWeightsException.class)
                    .hasMessage("The file is too short to be safetensors: 0 bytes.");
        }

        @Test
        void whereverABitWasFlippedInItsHeader() throws IOException {
            Safetensors.write(file, Map.of("w", Tensor.of(new float[] {1, 2}, 2)), Map.of());
            byte[] good = Files.readAllBytes(file);

            for (int bit = 0; bit < (good.length - 8) * 8; bit++) {
                byte[] bad = good.clone();
                bad[bit / 8] ^= (byte) (1 << (bit % 8));
                Files.write(file, bad);
                try {
                    // Some flips only rename the tensor or turn a space into white space of another kind.
                    assertThat(Safetensors.read(file).values())
                            .allSatisfy(
                                    tensor -> assertThat(tensor.values().length).isLessThanOrEqualTo(4));
                } catch (InvalidWeightsException expected) {
                    assertThat(expected).hasMessageNotContaining("null pointer");
                }
            }
        }
    }

    private void write(String header, byte[] data) throws IOException {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        Files.write(
                file,
                ByteBuffer.allocate(8 + json.length + data.length)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(json.length)
                        .put(json)
                        .put(data)
                        .array());
    }
}
