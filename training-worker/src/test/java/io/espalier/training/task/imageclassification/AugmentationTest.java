package io.espalier.training.task.imageclassification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.espalier.modelkit.image.Pixels;
import io.espalier.modelkit.task.imageclassification.ImageTransform;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class AugmentationTest {
    private static final int SIZE = 8;
    private static final ImageTransform TRANSFORM =
            new ImageTransform(SIZE, List.of(0.0, 0.0, 0.0), List.of(1 / 255.0, 1 / 255.0, 1 / 255.0));
    private static final Augmentation NOTHING = new Augmentation(SIZE, 0, 1, 0, false, false, 0, 0);

    private static Pixels picture(int width, int height) {
        byte[] rgb = new byte[3 * width * height];
        new Random(1).nextBytes(rgb);
        return new Pixels(width, height, rgb);
    }

    private static float[] planes(Augmentation augmentation, Pixels picture, long seed) {
        float[] planes = new float[3 * SIZE * SIZE];
        augmentation.apply(picture, TRANSFORM, new SplittableRandom(seed), planes, 0);
        return planes;
    }

    /** @param column of the source that a column of the result shows */
    private static float sample(Pixels picture, int channel, int row, int column) {
        return picture.rgb()[3 * (row * picture.width() + column) + channel] & 255;
    }

    @Test
    void changesNothingWhereAllIsOff() {
        Pixels picture = picture(SIZE, SIZE);

        float[] planes = planes(NOTHING, picture, 1);

        for (int channel = 0; channel < 3; channel++) {
            for (int row = 0; row < SIZE; row++) {
                for (int column = 0; column < SIZE; column++) {
                    assertThat(planes[(channel * SIZE + row) * SIZE + column])
                            .isCloseTo(sample(picture, channel, row, column), within(1e-3f));
                }
            }
        }
    }

    @Test
    void givesTheSamePictureForTheSameSeed() {
        Augmentation all = new Augmentation(SIZE, 0.2, 0.5, 30, true, true, 0.4, 0.5);
        Pixels picture = picture(12, 10);

        assertThat(planes(all, picture, 7)).isEqualTo(planes(all, picture, 7));
        assertThat(planes(all, picture, 7)).isNotEqualTo(planes(all, picture, 8));
    }

    @Test
    void mirrorsHalfOfThePictures() {
        Augmentation mirror = new Augmentation(SIZE, 0, 1, 0, true, false, 0, 0);
        Pixels picture = picture(SIZE, SIZE);
        float[] plain = planes(NOTHING, picture, 1);

        int mirrored = 0;
        for (int seed = 0; seed < 400; seed++) {
            float[] planes = planes(mirror, picture, seed);
            if (!Arrays.equals(planes, plain)) {
                mirrored++;
                assertThat(planes[0]).isCloseTo(sample(picture, 0, 0, SIZE - 1), within(1e-3f));
            }
        }

        assertThat(mirrored).isBetween(150, 250);
    }

    @Test
    void shiftsInBothDirectionsUpToTheShare() {
        Augmentation shift = new Augmentation(SIZE, 0.25, 1, 0, false, false, 0, 0);
        byte[] rgb = new byte[3 * SIZE * SIZE];
        // One bright pixel in the middle shows where the picture went.
        rgb[3 * (4 * SIZE + 4)] = (byte) 200;
        Pixels picture = new Pixels(SIZE, SIZE, rgb);

        Set<Integer> columns = new HashSet<>();
        for (int seed = 0; seed < 300; seed++) {
            float[] planes = planes(shift, picture, seed);
            for (int i = 0; i < SIZE * SIZE; i++) {
                if (planes[i] > 100) {
                    columns.add(i % SIZE);
                }
            }
        }

        assertThat(columns).contains(2, 3, 4, 5, 6).allMatch(column -> column >= 2 && column <= 6);
    }

    @Test
    void showsBeyondAnEdgeWhatAMirrorWould() {
        Augmentation shift = new Augmentation(SIZE, 0.5, 1, 0, false, false, 0, 0);
        byte[] bright = new byte[3 * SIZE * SIZE];
        Arrays.fill(bright, (byte) 255);

        for (int seed = 0; seed < 50; seed++) {
            assertThat(planes(shift, new Pixels(SIZE, SIZE, bright), seed)).containsOnly(255f);
        }
    }

    @Test
    void turnsAboutTheMiddle() {
        Augmentation turn = new Augmentation(SIZE, 0, 1, 180, false, false, 0, 0);
        byte[] bright = new byte[3 * 16 * 16];
        Arrays.fill(bright, (byte) 90);

        for (int seed = 0; seed < 50; seed++) {
            float[] planes = planes(turn, new Pixels(16, 16, bright), seed);
            for (float value : planes) {
                assertThat(value).isCloseTo(90, within(1e-2f));
            }
        }
    }

    @Test
    void erasesARectangle() {
        Augmentation erase = new Augmentation(SIZE, 0, 1, 0, false, false, 0, 1);
        byte[] bright = new byte[3 * SIZE * SIZE];
        Arrays.fill(bright, (byte) 255);

        for (int seed = 0; seed < 100; seed++) {
            int erased = 0;
            for (float value : planes(erase, new Pixels(SIZE, SIZE, bright), seed)) {
                erased += value == 0 ? 1 : 0;
            }
            assertThat(erased / 3).isBetween(1, 2 + SIZE * SIZE / 3);
        }
    }

    @Test
    void mixesPicturesByTheShareThatItSays() {
        int picture = 3 * SIZE * SIZE;
        for (int seed = 0; seed < 100; seed++) {
            for (Mixing mixing : List.of(new Mixing(0.4, 0), new Mixing(0, 1))) {
                float[] planes = new float[2 * picture];
                Arrays.fill(planes, 0, picture, 1);

                float share = mixing.apply(planes, new int[] {1, 0}, SIZE, new SplittableRandom(seed));

                double mean = 0;
                for (int i = 0; i < picture; i++) {
                    mean += planes[i] / picture;
                }
                assertThat(mean).isCloseTo(share, within(1e-4));
                assertThat(share).isBetween(0f, 1f);
            }
        }
    }
}
