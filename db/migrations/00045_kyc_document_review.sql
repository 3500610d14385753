-- Who entered what is on a document, and who reviewed it: nobody reviews what they entered themselves. They are no foreign keys, as in the audit trail: what
-- somebody did stays true when they are gone. A declined document says why in words, too.

-- +goose Up
ALTER TABLE kyc_document
    ADD COLUMN entered_by  uuid[] NOT NULL DEFAULT '{}',
    ADD COLUMN reviewer_id uuid,
    ADD COLUMN reviewed_at timestamptz,
    ADD CONSTRAINT kyc_document_review_of_reviewed CHECK (review_status <> 'NEW' OR reviewer_id IS NULL AND reviewed_at IS NULL),
    ADD CONSTRAINT kyc_document_reviewed_by_another CHECK (reviewer_id IS NULL OR reviewer_id <> ALL (entered_by)),
    ADD CONSTRAINT kyc_document_declined_with_comment CHECK (review_status <> 'INVALID' OR comment IS NOT NULL);
