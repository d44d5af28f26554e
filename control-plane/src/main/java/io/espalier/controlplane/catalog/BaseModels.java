package io.espalier.controlplane.catalog;

import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/** The base models; one table for all tenants, which nobody may write. */
@Service
public class BaseModels {
    private final JdbcClient jdbc;

    BaseModels(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    public List<BaseModel> list() {
        return jdbc.sql("""
                        select name, description, task, language, licence, source, parameters from base_model
                        order by name""").query(BaseModel.class).list();
    }
}
