-- A roll-back says which older row it goes back to: the next one goes on from there. The two have the same model version,
-- so whatever deletes the one deletes the other.
alter table deployment
    add restores uuid,
    add foreign key (tenant_id, restores) references deployment (tenant_id, id);

-- When to delete: also later than the row, for what may still be written by somebody who does not know that it is gone.
alter table object_deletion add due_at timestamptz not null default now();
grant select (due_at) on object_deletion to espalier_directory;
