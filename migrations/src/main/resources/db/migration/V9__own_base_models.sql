-- Base models of a tenant's own: model versions whose weights its other products start from.

create table tenant_base_model (
    tenant_id uuid not null,
    id uuid not null,
    name text not null,
    description text not null,
    task text not null,
    -- The version is kept as long as this is.
    model_version_id uuid not null,
    -- The version in words, for lists.
    source text not null,
    object_prefix text not null,
    created_at timestamptz not null,
    primary key (tenant_id, id),
    unique (tenant_id, name),
    foreign key (tenant_id, model_version_id) references model_version (tenant_id, id)
);
create index tenant_base_model_by_version on tenant_base_model (tenant_id, model_version_id);
call protect_tenant_table('tenant_base_model');

-- base_model stays the name of either kind; names of a tenant's own are none of the platform's.
alter table product
    drop constraint product_base_model_fkey,
    add column own_base_model uuid,
    add foreign key (tenant_id, own_base_model) references tenant_base_model (tenant_id, id);
create index product_by_own_base_model on product (tenant_id, own_base_model);
