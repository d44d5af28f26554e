-- Datasets, their immutable versions, and the uploaded parts of a version.

create table dataset (
    tenant_id uuid not null references tenant (id),
    id uuid not null,
    name text not null,
    task text not null,
    -- Numbers are counted here and not from the rows, so that a deleted version's number is never given again.
    last_version_number integer not null default 0,
    created_at timestamptz not null,
    primary key (tenant_id, id)
);

create table dataset_version (
    tenant_id uuid not null,
    id uuid not null,
    dataset_id uuid not null,
    number integer not null,
    state text not null check (state in ('UPLOADING', 'INSPECTING', 'READY', 'INVALID', 'FAILED')),
    -- Why an inspection could not be done, in the user's words.
    failure text,
    mapping jsonb not null,
    -- Grows whenever the mapping is corrected; each revision has an inspection and a report of its own.
    revision integer not null default 1,
    -- Whether a training job was ever made from it: from then on its mapping stays.
    used boolean not null default false,
    row_count bigint,
    rows_used bigint,
    -- What the newest inspection found to be in force: the user's mapping, completed by guesses.
    effective_mapping jsonb,
    rows_by_split jsonb,
    content_hash text,
    created_at timestamptz not null,
    completed_at timestamptz,
    inspected_at timestamptz,
    primary key (tenant_id, id),
    unique (tenant_id, dataset_id, number),
    foreign key (tenant_id, dataset_id) references dataset (tenant_id, id) on delete cascade
);

create table dataset_part (
    tenant_id uuid not null,
    id uuid not null,
    version_id uuid not null,
    name text not null,
    split text check (split in ('TRAIN', 'VALIDATION', 'TEST')),
    object_key text not null,
    -- Null while nothing is known to have arrived: the upload by presigned URL is seen when the version is completed.
    bytes bigint,
    created_at timestamptz not null,
    primary key (tenant_id, id),
    unique (tenant_id, version_id, name),
    foreign key (tenant_id, version_id) references dataset_version (tenant_id, id) on delete cascade
);

-- What the reconciler looks for.
create index dataset_version_inspecting on dataset_version (state) where state = 'INSPECTING';

call protect_tenant_table('dataset');
call protect_tenant_table('dataset_version');
call open_to_directory('dataset_version', 'tenant_id, id, state');
call protect_tenant_table('dataset_part');
