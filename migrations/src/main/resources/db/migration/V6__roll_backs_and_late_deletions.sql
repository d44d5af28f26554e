-- A roll-back says which older row it goes back to: the next one goes on from there. The two have the same model version,
-- so whatever deletes the one deletes the other.
alter table deployment
    add restores uuid,
    add foreign key (tenant_id, restores) references deployment (tenant_id, id);
