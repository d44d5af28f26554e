-- Base models that the platform brings, for all tenants and written by nobody; and the tenants' products.

create table base_model (
    name text primary key,
    description text not null,
    task text not null,
    language text not null,
    licence text not null,
    source text not null,
    parameters bigint not null,
    object_prefix text not null
);
grant select on base_model to espalier_app;

insert into base_model (name, description, task, language, licence, source, parameters, object_prefix) values
    ('all-MiniLM-L6-v2', 'A small, fast English sentence encoder: 6 layers of width 384', 'text-classification', 'en',
     'Apache-2.0', 'sentence-transformers/all-MiniLM-L6-v2', 22565376, 'platform/base-models/all-MiniLM-L6-v2/'),
    ('bge-small-zh-v1.5', 'A small Chinese sentence encoder: 4 layers of width 512', 'text-classification', 'zh',
     'MIT', 'BAAI/bge-small-zh-v1.5', 23954944, 'platform/base-models/bge-small-zh-v1.5/');

create table product (
    tenant_id uuid not null references tenant (id),
    id uuid not null,
    name text not null,
    -- What its callers may write instead of the id.
    slug text not null,
    task text not null,
    base_model text references base_model (name),
    created_at timestamptz not null,
    primary key (tenant_id, id),
    unique (tenant_id, slug)
);
call protect_tenant_table('product');
call open_to_directory('product', 'tenant_id, id, slug, task');
