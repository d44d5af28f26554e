-- How many labels the usable rows have: default hyperparameters depend on it, and so does a job's estimate. Null for a
-- version that was inspected before this was kept.
alter table dataset_version add column class_count integer;
