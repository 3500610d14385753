-- The index before it did not count cards that were deleted.

-- +goose Up
DROP INDEX kyc_document_one_card;
