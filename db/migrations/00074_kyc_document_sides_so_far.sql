-- Each side shows the version that it shows now. Files on sides are complete, so there is one.

-- +goose Up
WITH shown AS (
    SELECT kyc_file.kyc_file_id, kyc_file.bank_id, version.kyc_file_version_id AS id
    FROM kyc_file
    JOIN kyc_file_version AS version ON version.kyc_file_id = kyc_file.kyc_file_id AND version.bank_id = kyc_file.bank_id AND version.version = kyc_file.newest_version
)
UPDATE kyc_document
SET portrait_id     = (SELECT id FROM shown WHERE kyc_file_id = portrait_id AND shown.bank_id = kyc_document.bank_id),
    front_side_id   = (SELECT id FROM shown WHERE kyc_file_id = front_side_id AND shown.bank_id = kyc_document.bank_id),
    back_side_id    = (SELECT id FROM shown WHERE kyc_file_id = back_side_id AND shown.bank_id = kyc_document.bank_id),
    other_side_1_id = (SELECT id FROM shown WHERE kyc_file_id = other_side_1_id AND shown.bank_id = kyc_document.bank_id),
    other_side_2_id = (SELECT id FROM shown WHERE kyc_file_id = other_side_2_id AND shown.bank_id = kyc_document.bank_id),
    other_side_3_id = (SELECT id FROM shown WHERE kyc_file_id = other_side_3_id AND shown.bank_id = kyc_document.bank_id)
WHERE num_nonnulls(portrait_id, front_side_id, back_side_id, other_side_1_id, other_side_2_id, other_side_3_id) > 0;
