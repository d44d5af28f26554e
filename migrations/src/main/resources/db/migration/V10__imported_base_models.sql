-- Base models of weights that a tenant brings: files that it uploads, or a model of the installation's hub.

alter table tenant_base_model
    alter column model_version_id drop not null,
    alter column object_prefix drop not null,
    add column state text not null default 'READY'
        check (state in ('UPLOADING', 'IMPORTING', 'READY', 'REFUSED', 'FAILED')),
    -- On the hub; null for uploaded files and for model versions.
    add column hub_repository text,
    add column hub_revision text,
    -- Grows with each attempt to import; each has a workflow and files of its own.
    add column revision integer not null default 0,
    -- Why it was refused or failed, in the user's words.
    add column problems text[] not null default '{}',
    add column architecture text,
    add column parameters bigint,
    add check ((state = 'READY') = (object_prefix is not null));

create table base_model_file (
    tenant_id uuid not null,
    base_model_id uuid not null,
    name text not null,
    object_key text not null,
    bytes bigint not null,
    primary key (tenant_id, base_model_id, name),
    foreign key (tenant_id, base_model_id) references tenant_base_model (tenant_id, id) on delete cascade
);
call protect_tenant_table('base_model_file');

-- What the reconciler looks for.
create index tenant_base_model_importing on tenant_base_model (state) where state = 'IMPORTING';
call open_to_directory('tenant_base_model', 'tenant_id, id, state');
