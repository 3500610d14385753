-- The sides of a document show versions of files. The key of each has the customer in it: no document shows a file of somebody else.

-- +goose Up
ALTER TABLE kyc_document
    ADD CONSTRAINT kyc_document_portrait_exists FOREIGN KEY (portrait_id, bank_id, customer_id)
        REFERENCES kyc_file_version (kyc_file_version_id, bank_id, customer_id),
    ADD CONSTRAINT kyc_document_front_side_exists FOREIGN KEY (front_side_id, bank_id, customer_id)
        REFERENCES kyc_file_version (kyc_file_version_id, bank_id, customer_id),
    ADD CONSTRAINT kyc_document_back_side_exists FOREIGN KEY (back_side_id, bank_id, customer_id)
        REFERENCES kyc_file_version (kyc_file_version_id, bank_id, customer_id),
    ADD CONSTRAINT kyc_document_other_side_1_exists FOREIGN KEY (other_side_1_id, bank_id, customer_id)
        REFERENCES kyc_file_version (kyc_file_version_id, bank_id, customer_id),
    ADD CONSTRAINT kyc_document_other_side_2_exists FOREIGN KEY (other_side_2_id, bank_id, customer_id)
        REFERENCES kyc_file_version (kyc_file_version_id, bank_id, customer_id),
    ADD CONSTRAINT kyc_document_other_side_3_exists FOREIGN KEY (other_side_3_id, bank_id, customer_id)
        REFERENCES kyc_file_version (kyc_file_version_id, bank_id, customer_id);
