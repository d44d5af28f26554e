-- What products were told while they serve. Bundles stay as they are: inference workers read these rows beside them.

-- Counts the product's events. Whoever adds some holds the row's lock until they are committed, so that numbers become visible in
-- their order: a reader that has read up to one has missed none before it.
alter table product add last_event_sequence bigint not null default 0;
grant select (last_event_sequence) on product to espalier_directory;

create table product_event (
    tenant_id uuid not null,
    product_id uuid not null,
    sequence bigint not null,
    -- Named by the product's task, which also knows what its body is.
    kind text not null,
    body jsonb not null,
    received_at timestamptz not null,
    primary key (tenant_id, product_id, sequence),
    foreign key (tenant_id, product_id) references product (tenant_id, id) on delete cascade
);
call protect_tenant_table('product_event');

-- Up to which event of its product a part goes that was made of them; null for files that were uploaded.
alter table dataset_part add last_event_sequence bigint;
