package io.espalier.training.task.imageclassification;

import io.espalier.modelkit.task.imageclassification.ImageTransform;
import io.espalier.training.task.Examples;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Pictures as batches of pixels, the share of the labels where pictures are mixed, the other labels, class weights, and labels.
 *
 * @param augmentation null where pictures stay as they are
 */
record PictureExamples(
        Pictures pictures,
        ImageTransform transform,
        float[] classWeights,
        @Nullable Augmentation augmentation,
        Mixing mixing)
        implements Examples {
    @Override
    public int size() {
        return pictures.size();
    }

    @Override
    public int length(int example) {
        return 1;
    }

    @Override
    public int label(int example) {
        return pictures.labels()[example];
    }

    @Override
    public List<HostTensor> batch(int[] examples) {
        float[] planes = new float[examples.length * planes()];
        for (int i = 0; i < examples.length; i++) {
            byte[] rgb = transform.square(pictures.store().picture(examples[i])).rgb();
            transform.standardize(rgb, planes, i * planes());
        }
        long[] labels = labels(examples);
        return tensors(planes, labels, labels, 1);
    }

    @Override
    public List<HostTensor> augmented(int[] examples, long seed) {
        if (augmentation == null) {
            return batch(examples);
        }
        SplittableRandom random = new SplittableRandom(seed);
        float[] planes = new float[examples.length * planes()];
        for (int i = 0; i < examples.length; i++) {
            augmentation.apply(pictures.store().picture(examples[i]), transform, random, planes, i * planes());
        }
        long[] labels = labels(examples);
        if (!mixing.isOn()) {
            return tensors(planes, labels, labels, 1);
        }
        // The batch comes shuffled, so that the one before is as good as any other.
        int[] partners = new int[examples.length];
        long[] others = new long[examples.length];
        for (int i = 0; i < examples.length; i++) {
            partners[i] = Math.floorMod(i - 1, examples.length);
            others[i] = labels[partners[i]];
        }
        float share = mixing.apply(planes, partners, transform.size(), random);
        return tensors(planes, labels, others, share);
    }

    private int planes() {
        return 3 * transform.size() * transform.size();
    }

    private long[] labels(int[] examples) {
        long[] labels = new long[examples.length];
        for (int i = 0; i < examples.length; i++) {
            labels[i] = label(examples[i]);
        }
        return labels;
    }

    private List<HostTensor> tensors(float[] planes, long[] labels, long[] others, float share) {
        return List.of(
                new HostTensor.Floats(planes, labels.length, 3, transform.size(), transform.size()),
                new HostTensor.Floats(new float[] {share}, 1),
                new HostTensor.Longs(others, others.length),
                new HostTensor.Floats(classWeights, classWeights.length),
                new HostTensor.Longs(labels, labels.length));
    }
}
