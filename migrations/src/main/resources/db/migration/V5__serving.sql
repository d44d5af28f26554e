-- What serves: for each product the newest row. Older rows are its history, which a roll-back goes along.

create table deployment (
    tenant_id uuid not null,
    id uuid not null,
    product_id uuid not null,
    -- Null where the product was taken out of service.
    model_version_id uuid,
    created_at timestamptz not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, product_id) references product (tenant_id, id) on delete cascade,
    foreign key (tenant_id, model_version_id) references model_version (tenant_id, id) on delete cascade
);
create index deployment_by_product on deployment (tenant_id, product_id, id desc);
call protect_tenant_table('deployment');
call open_to_directory('deployment', 'tenant_id, id, product_id, model_version_id');
