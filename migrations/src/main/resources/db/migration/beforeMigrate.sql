-- The roles that the control plane works as, made by the owner, who needs CREATEROLE. At every start, so that a changed
-- password takes effect. Neither owns anything, and neither is given SUPERUSER or BYPASSRLS; a test looks.
do $$
begin
    if not exists (select from pg_roles where rolname = 'espalier_app') then
        create role espalier_app login;
    end if;
    if not exists (select from pg_roles where rolname = 'espalier_directory') then
        create role espalier_directory login;
    end if;
    execute format('grant connect on database %I to espalier_app, espalier_directory', current_database());
end
$$;
alter role espalier_app password '${appPassword}';
alter role espalier_directory password '${directoryPassword}';
