-- The rows of `sends.rs` as tables: what is a key there is a key here, and what is only an index
-- there is an index.

create table boxes (owner int8 primary key, message_id int4 not null, pts int4 not null);
create table messages (
    owner int8, id int4, peer int8 not null, body bytea not null,
    primary key (owner, id)
);
create index history on messages (owner, peer, id);
create table copies (copy int8, owner int8, id int4 not null, primary key (copy, owner));
create table updates (owner int8, pts int4, body bytea not null, primary key (owner, pts));
create table sent_ids (owner int8, random_id int8, id int4 not null, primary key (owner, random_id));
create table dialogs (
    owner int8, peer int8, date int4 not null, top int4 not null, body bytea not null,
    primary key (owner, peer)
);
create index dialog_order on dialogs (owner, date, top, peer);

-- The copy of one box.
create function deliver(me int8, other int8, random_id int8) returns int4 language plpgsql as $$
declare
    new_id int4;
begin
    update boxes set message_id = message_id + 1, pts = pts + 1 where owner = me
        returning message_id into new_id;
    insert into messages values (me, new_id, other, decode(repeat('5a', 180), 'hex'));
    insert into copies values (random_id, me, new_id);
    insert into dialogs values (me, other, 1800000000, new_id, decode(repeat('5a', 60), 'hex'))
        on conflict (owner, peer) do update set top = excluded.top, date = excluded.date;
    insert into updates values (me, new_id, decode(repeat('5a', 12), 'hex'));
    return new_id;
end $$;

-- One message, once for each random id.
create function send(sender int8, other int8, random int8) returns int4 language plpgsql as $$
declare
    known int4;
begin
    -- In one order, or two who write to each other at the same time would wait for each other.
    perform 1 from boxes where owner in (sender, other) order by owner for update;
    select id into known from sent_ids where owner = sender and random_id = random;
    if found then
        return known;
    end if;
    known := deliver(sender, other, random);
    perform deliver(other, sender, random);
    insert into sent_ids values (sender, random, known);
    return known;
end $$;
