-- Of kinds of which a later event takes the place of an earlier one about the same: what it is about.
alter table product_event add column subject text;
-- The last about the same, and what workers that start are brought however old it is.
create index on product_event (tenant_id, product_id, kind, subject, sequence) where subject is not null;
create index on product_event (tenant_id, product_id, sequence) where subject is not null;
