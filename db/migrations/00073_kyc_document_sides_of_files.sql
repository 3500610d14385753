-- The sides of a document pointed to files, and so to whatever their newest version was: a document that is history, or was reviewed, showed what was
-- uploaded afterwards. They are to point to versions.

-- +goose Up
ALTER TABLE kyc_document
    DROP CONSTRAINT kyc_document_portrait_exists,
    DROP CONSTRAINT kyc_document_front_side_exists,
    DROP CONSTRAINT kyc_document_back_side_exists,
    DROP CONSTRAINT kyc_document_other_side_1_exists,
    DROP CONSTRAINT kyc_document_other_side_2_exists,
    DROP CONSTRAINT kyc_document_other_side_3_exists;
