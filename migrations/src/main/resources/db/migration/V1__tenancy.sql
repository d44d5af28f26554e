-- Tenants, their members with sessions, and their API keys; and how every table of a tenant is protected.

grant usage on schema public to espalier_app, espalier_directory;

-- The tenant of the current transaction. The setting is '' and not null on a connection that had one before.
create function current_tenant() returns uuid
    language sql stable
    return nullif(current_setting('app.tenant_id', true), '')::uuid;

-- Shows a table's rows to the transaction of their tenant only, the table's owner included.
create procedure protect_tenant_table(name text, tenant_column text default 'tenant_id')
    language plpgsql as $$
begin
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant on %I using (%I = current_tenant()) with check (%2$I = current_tenant())',
                   name, tenant_column);
    execute format('grant select, insert, update, delete on %I to espalier_app', name);
end
$$;

-- Lets the directory role read some columns of every tenant's rows: for login, the route table and the reconciler.
create procedure open_to_directory(name text, columns text)
    language plpgsql as $$
begin
    execute format('create policy directory on %I for select to espalier_directory using (true)', name);
    execute format('grant select (%s) on %I to espalier_directory', columns, name);
end
$$;

create table tenant (
    id uuid primary key,
    name text not null,
    created_at timestamptz not null
);
call protect_tenant_table('tenant', 'id');
call open_to_directory('tenant', 'id, name, created_at');

create table member (
    tenant_id uuid not null references tenant (id),
    id uuid not null,
    email text not null,
    password_hash text not null,
    role text not null check (role in ('OWNER', 'MEMBER')),
    created_at timestamptz not null,
    primary key (tenant_id, id)
);
-- A person logs in without naming the tenant, so an address belongs to one.
create unique index member_by_email on member (lower(email));
call protect_tenant_table('member');
call open_to_directory('member', 'tenant_id, id, email, password_hash');

create table session (
    tenant_id uuid not null,
    id uuid not null,
    member_id uuid not null,
    token_sha256 text not null unique,
    created_at timestamptz not null,
    last_seen_at timestamptz not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, member_id) references member (tenant_id, id) on delete cascade
);
create index session_by_member on session (tenant_id, member_id);
call protect_tenant_table('session');
call open_to_directory('session', 'tenant_id, id, member_id, token_sha256, created_at, last_seen_at');

create table api_key (
    tenant_id uuid not null references tenant (id),
    id uuid not null,
    name text not null,
    -- The first characters, by which its owner recognizes it.
    prefix text not null,
    sha256 text not null unique,
    requests_per_minute integer not null check (requests_per_minute > 0),
    created_at timestamptz not null,
    revoked_at timestamptz,
    primary key (tenant_id, id)
);
call protect_tenant_table('api_key');
call open_to_directory('api_key', 'tenant_id, id, sha256, requests_per_minute, revoked_at');

-- Objects whose rows are gone; see ObjectDeletions.
create table object_deletion (
    tenant_id uuid not null references tenant (id),
    id uuid not null,
    object_key text not null,
    is_prefix boolean not null,
    created_at timestamptz not null,
    primary key (tenant_id, id)
);
call protect_tenant_table('object_deletion');
call open_to_directory('object_deletion', 'tenant_id, id, object_key, is_prefix');
