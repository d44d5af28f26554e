package io.espalier.training.task.imageclassification;

import io.espalier.training.tune.Hyperparameters;
import java.util.SplittableRandom;

/**
 * Mixes the pictures of a batch in pairs: mixup (Zhang et al. 2018) blends them, CutMix (Yun et al. 2019) pastes a rectangle of
 * one into the other. Where both are on, each batch gets one of them.
 *
 * @param mixup and cutmix: concentrations of the Beta distribution of the shares; 0 is never
 */
record Mixing(double mixup, double cutmix) {
    static Mixing of(Hyperparameters chosen) {
        return chosen.flag("augmentation") ? new Mixing(chosen.real("mixup"), chosen.real("cutmix")) : new Mixing(0, 0);
    }

    boolean isOn() {
        return mixup > 0 || cutmix > 0;
    }

    /**
     * Mixes each picture with the one that {@code partners} names.
     *
     * @param planes of the batch, changed here
     * @param size pixels a side
     * @return the share of each picture's own label
     */
    float apply(float[] planes, int[] partners, int size, SplittableRandom random) {
        boolean pastes = cutmix > 0 && (mixup == 0 || random.nextBoolean());
        double share = beta(pastes ? cutmix : mixup, random);
        float[] others = planes.clone();
        int picture = 3 * size * size;
        if (pastes) {
            int side = (int) Math.round(size * Math.sqrt(1 - share));
            int left = random.nextInt(size - side + 1);
            int top = random.nextInt(size - side + 1);
            for (int i = 0; i < partners.length; i++) {
                for (int plane = 0; plane < 3; plane++) {
                    for (int y = top; y < top + side; y++) {
                        int row = (plane * size + y) * size + left;
                        System.arraycopy(others, partners[i] * picture + row, planes, i * picture + row, side);
                    }
                }
            }
            return 1 - (float) (side * side) / (size * size);
        }
        float own = (float) share;
        for (int i = 0; i < partners.length; i++) {
            int from = partners[i] * picture;
            for (int j = i * picture; j < (i + 1) * picture; j++, from++) {
                planes[j] = own * planes[j] + (1 - own) * others[from];
            }
        }
        return own;
    }

    /** Both concentrations equal; Jöhnk 1964. */
    private static double beta(double concentration, SplittableRandom random) {
        while (true) {
            double a = Math.pow(random.nextDouble(), 1 / concentration);
            double b = Math.pow(random.nextDouble(), 1 / concentration);
            if (a + b <= 1 && a + b > 0) {
                return a / (a + b);
            }
        }
    }
}
