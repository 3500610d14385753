-- One document takes the place of another, and no second one does. It also finds the newer one of a document.

-- +goose Up
CREATE UNIQUE INDEX kyc_document_superseded_once ON kyc_document (supersedes, bank_id) WHERE supersedes IS NOT NULL;
