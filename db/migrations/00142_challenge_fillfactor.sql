-- Room on each page for the attempts at its challenges, so that they write no index.

-- +goose Up
ALTER TABLE challenge SET (fillfactor = 70);
