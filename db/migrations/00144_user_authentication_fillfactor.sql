-- Room on each page for the answers of its users: each changes the row, and a wrong one twice.

-- +goose Up
ALTER TABLE user_authentication SET (fillfactor = 50);
