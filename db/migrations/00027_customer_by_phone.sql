-- Finds customers by how their telephone number begins, in the order of the numbers, which is that of the list.

-- +goose Up
CREATE INDEX customer_by_phone ON customer (bank_id, mobile_phone_number, customer_id);
