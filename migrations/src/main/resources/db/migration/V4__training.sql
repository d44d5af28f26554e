-- Training jobs with their events, and the model versions that they make.

create table training_job (
    tenant_id uuid not null,
    id uuid not null,
    product_id uuid not null,
    -- Null once the dataset version is deleted; the spec still names it.
    dataset_version_id uuid,
    -- The job that this one repeats.
    retry_of uuid,
    task text not null,
    accelerator text not null check (accelerator in ('CPU', 'CUDA')),
    -- What the job is to do, written once: every attempt, and every run of the workflow, is given the same.
    spec jsonb not null,
    state text not null check (state in ('PENDING', 'PREPARING', 'QUEUED', 'TRAINING', 'EXPORTING', 'EVALUATING',
                                         'REGISTERING', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
    reason text,
    -- When each state was entered, by its name.
    state_times jsonb not null,
    queued_at timestamptz,
    cancel_requested_at timestamptz,
    -- The newest progress report, and the highest attempt that reported in the job's present state.
    progress jsonb,
    progress_attempt integer not null default 0,
    last_event bigint not null default 0,
    prepared jsonb,
    trained jsonb,
    gate jsonb,
    evaluation jsonb,
    created_at timestamptz not null,
    ended_at timestamptz,
    primary key (tenant_id, id),
    foreign key (tenant_id, product_id) references product (tenant_id, id) on delete cascade,
    foreign key (tenant_id, dataset_version_id) references dataset_version (tenant_id, id)
        on delete set null (dataset_version_id)
);
create index training_job_by_product on training_job (tenant_id, product_id, id desc);
create index training_job_by_dataset_version on training_job (tenant_id, dataset_version_id);
-- What the reconciler and the queue look at.
create index training_job_running on training_job (state, queued_at)
    where state not in ('SUCCEEDED', 'FAILED', 'CANCELLED');

create table training_job_event (
    tenant_id uuid not null,
    job_id uuid not null,
    sequence bigint not null,
    type text not null check (type in ('state', 'progress')),
    payload jsonb not null,
    created_at timestamptz not null,
    primary key (tenant_id, job_id, sequence),
    foreign key (tenant_id, job_id) references training_job (tenant_id, id) on delete cascade
);

create table model_version (
    tenant_id uuid not null,
    id uuid not null,
    product_id uuid not null,
    number integer not null,
    job_id uuid not null,
    task text not null,
    labels jsonb not null,
    bundle_key text not null,
    bundle_sha256 text not null,
    bundle_bytes bigint not null,
    precision text not null,
    metrics jsonb not null,
    lineage jsonb not null,
    created_at timestamptz not null,
    primary key (tenant_id, id),
    unique (tenant_id, product_id, number),
    -- However often a job is registered, it makes one version.
    unique (tenant_id, job_id),
    foreign key (tenant_id, product_id) references product (tenant_id, id) on delete cascade,
    foreign key (tenant_id, job_id) references training_job (tenant_id, id) on delete cascade
);

-- Counts a product's model versions, so that a deleted version's number is never given again.
create table model_version_counter (
    tenant_id uuid not null,
    product_id uuid not null,
    last_number integer not null,
    primary key (tenant_id, product_id),
    foreign key (tenant_id, product_id) references product (tenant_id, id) on delete cascade
);

call protect_tenant_table('training_job');
-- For the reconciler, and for the places in a queue that all tenants share.
call open_to_directory('training_job', 'tenant_id, id, state, accelerator, queued_at, cancel_requested_at, created_at');
call protect_tenant_table('training_job_event');
call protect_tenant_table('model_version');
-- For the route table.
call open_to_directory('model_version', 'tenant_id, id, product_id, number, bundle_key, bundle_sha256, bundle_bytes');
call protect_tenant_table('model_version_counter');
