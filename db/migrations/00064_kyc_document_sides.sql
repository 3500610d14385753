-- The files of a document, by side. The key of each has the customer in it: no document shows a file of somebody else.

-- +goose Up
ALTER TABLE kyc_document
    ADD COLUMN portrait_id     uuid,
    ADD COLUMN front_side_id   uuid,
    ADD COLUMN back_side_id    uuid,
    ADD COLUMN other_side_1_id uuid,
    ADD COLUMN other_side_2_id uuid,
    ADD COLUMN other_side_3_id uuid,
    ADD CONSTRAINT kyc_document_portrait_exists FOREIGN KEY (portrait_id, bank_id, customer_id) REFERENCES kyc_file (kyc_file_id, bank_id, customer_id),
    ADD CONSTRAINT kyc_document_front_side_exists FOREIGN KEY (front_side_id, bank_id, customer_id) REFERENCES kyc_file (kyc_file_id, bank_id, customer_id),
    ADD CONSTRAINT kyc_document_back_side_exists FOREIGN KEY (back_side_id, bank_id, customer_id) REFERENCES kyc_file (kyc_file_id, bank_id, customer_id),
    ADD CONSTRAINT kyc_document_other_side_1_exists FOREIGN KEY (other_side_1_id, bank_id, customer_id) REFERENCES kyc_file (kyc_file_id, bank_id, customer_id),
    ADD CONSTRAINT kyc_document_other_side_2_exists FOREIGN KEY (other_side_2_id, bank_id, customer_id) REFERENCES kyc_file (kyc_file_id, bank_id, customer_id),
    ADD CONSTRAINT kyc_document_other_side_3_exists FOREIGN KEY (other_side_3_id, bank_id, customer_id) REFERENCES kyc_file (kyc_file_id, bank_id, customer_id);
