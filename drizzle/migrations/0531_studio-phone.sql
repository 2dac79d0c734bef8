-- Where a studio is reached, for the quarter's file (Decree 810): by its own application, and empty where none was given.
alter table studio.applications add column phone text check (length(phone) between 7 and 40);
