package io.espalier.training.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.contracts.dataset.DatasetReport;
import io.espalier.contracts.dataset.Split;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

class PublicDataIT {
    @TempDir
    Path work;

    static final Path DATA = Path.of("/work/shared/datasets");

    void show(DatasetReport report) {
        String s = JsonMapper.builder().build().writeValueAsString(report);
        System.out.println(s.length() > 6000 ? s.substring(0, 6000) : s);
    }

    @Test
    void all() {
        show(DatasetFixture.texts().file(DATA.resolve("sst2/train.tsv"), Split.TRAIN).file(DATA.resolve("sst2/dev.tsv"), Split.VALIDATION).file(DATA.resolve("sst2/test.tsv"), Split.TEST).inspect(work));
        show(DatasetFixture.texts().file(DATA.resolve("banking77/train.csv"), Split.TRAIN).file(DATA.resolve("banking77/test.csv"), Split.TEST).inspect(work));
        show(DatasetFixture.texts().file(DATA.resolve("waimai/waimai_10k.csv"), null).inspect(work));
        show(DatasetFixture.table().file(DATA.resolve("adult/adult-train.csv"), Split.TRAIN).file(DATA.resolve("adult/adult-test.csv"), Split.TEST).inspect(work));
        assertThat(work).isEmptyDirectory();
    }
}
