-- Of the objects under a prefix, the one that stays: the bundle of a model version among those of its job's attempts.
alter table object_deletion add column kept_key text;
grant select (kept_key) on object_deletion to espalier_directory;
