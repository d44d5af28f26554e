package io.espalier.controlplane.training;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The jobs that wait for a worker. Workers are shared, so places are counted across tenants; nothing else is seen of them. */
@Repository
class TrainingQueue {
    private final JdbcClient directory;

    TrainingQueue(@Qualifier("directory") JdbcClient directory) {
        this.directory = directory;
    }

    /** @return the place of each of the jobs that waits, counted from 1, among those that wait for the same accelerator */
    Map<UUID, Integer> positions(List<UUID> jobs) {
        Map<UUID, Integer> positions = new HashMap<>();
        if (!jobs.isEmpty()) {
            directory.sql("""
                            select id, position from (
                                select id, row_number() over (partition by accelerator order by queued_at, id) as position
                                from training_job where state = 'QUEUED') waiting
                            where id in (:jobs)""").param("jobs", jobs).query(row -> {
                positions.put(row.getObject("id", UUID.class), row.getInt("position"));
            });
        }
        return positions;
    }
}
