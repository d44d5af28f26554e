-- What an inspection that takes a while does just now, in words.
alter table dataset_version add column progress text;
