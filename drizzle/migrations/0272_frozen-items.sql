-- Frozen items are few among very many, and depth asks for them every second (product P-15).
create index items_frozen on custody.items (frozen_until) where frozen_until is not null;
