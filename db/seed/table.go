package seed

import "strings"

type table struct {
	name    string
	columns []string
}

// tables are in the order of their foreign keys. Rows have their values in the order of the columns.
var tables = []table{
	columnsOf("bank", "bank_id bank_uuid short_name full_name logo_url website_url bic created_at updated_at"),
	columnsOf("exchange_rate", "exchange_rate_id bank_id from_currency to_currency rate inverse_rate effective_on created_at updated_at"),
	columnsOf("transaction_request_type", `transaction_request_type_id bank_id type for_currency is_supported currency challenge_threshold payment_limit daily_limit
		charge_summary charge_policy charge_fixed charge_percentage charge_minimum charge_maximum created_at updated_at`),
	columnsOf("transaction_request_attribute_definition", `attribute_definition_id bank_id name type description alias can_be_seen_on_views is_active
		created_at updated_at`),
	columnsOf("app_user", "user_id issuer subject username email created_at"),
	columnsOf("entitlement", "entitlement_id user_id bank_id role created_at"),
	columnsOf("customer", `customer_id bank_id customer_number legal_name title name_suffix mobile_phone_number email face_image_url
		face_image_taken_at date_of_birth relationship_status dependants dates_of_birth_of_dependants credit_rating credit_rating_source
		credit_limit_amount credit_limit_currency highest_education_attained employment_status branch_id created_at updated_at has_kyc_status`),
	columnsOf("customer_address", `customer_address_id bank_id customer_id line1 line2 city state postcode country_code tags status
		created_at updated_at`),
	columnsOf("tax_residence", "tax_residence_id bank_id customer_id domain tax_number created_at"),
	columnsOf("customer_attribute", "customer_attribute_id bank_id customer_id name type value created_at"),
	columnsOf("user_customer_link", "user_customer_link_id bank_id user_id customer_id created_at"),
	columnsOf("social_media_handle", "social_media_handle_id bank_id customer_id type handle added_at activated_at created_at"),
	columnsOf("crm_event", "crm_event_id bank_id customer_id category detail channel scheduled_at happened_at result created_at"),
	columnsOf("kyc_check", "kyc_check_id bank_id customer_id checked_at how staff_user_id staff_name is_satisfied comments created_at"),
	columnsOf("kyc_document", `kyc_document_id bank_id customer_id type number issued_on issue_place issuing_authority expires_on provider review_status
		decline_reasons comment income_sources annual_income transaction_amount transaction_currency transaction_made_at transaction_purpose
		origin_of_funds card_first_six card_last_four supersedes superseded_at superseded_after reviewed_at created_at updated_at`),
	columnsOf("kyc_media", "kyc_media_id bank_id customer_id type url taken_at relates_to_kyc_document_id relates_to_kyc_check_id created_at"),
	columnsOf("kyc_status", "kyc_status_id bank_id customer_id is_ok decided_at recorded_at superseded_at"),
	columnsOf("kyc_file", "kyc_file_id bank_id customer_id name state handed_out created_at"),
	columnsOf("account", "account_id bank_id label product_code branch_id currency balance opening_balance posting_count floor created_at updated_at"),
	columnsOf("account_holder", "customer_id bank_id account_id created_at"),
	columnsOf("account_routing", "bank_id account_id scheme address created_at"),
	columnsOf("account_contract", `account_contract_id bank_id account_id contract_code product_code product_description issuance_amount
		interest_rate term form_of_payment interest_amount branch_code payment_method opened_on matures_on renewed_on
		instrument_status_code instrument_status_definition is_substituted created_at`),
	columnsOf("account_attribute", "account_attribute_id bank_id account_id product_code contract_code name type value created_at"),
	columnsOf("counterparty", `counterparty_id bank_id account_id name name_key description currency account_scheme account_address bank_scheme bank_address
		is_beneficiary bespoke created_at`),
	columnsOf("ledger_transaction", `transaction_id bank_id type description posted_at completed_at recorded_at payer_bank_id payer_account_id payee_bank_id
		payee_account_id currency amount credited_currency credited_amount charge_policy charge_amount`),
	columnsOf("posting", "posting_id bank_id account_id transaction_id number currency amount balance_after"),
	columnsOf("transaction_request", `transaction_request_id bank_id account_id type status payer_bank_id payer_account_id payee_bank_id payee_account_id
		currency amount credited_currency credited_amount charge_amount charge_summary charge_policy description execute_on started_at ended_at
		transaction_id user_id client_id event_count reason required_answers`),
	columnsOf("transaction_request_event", "transaction_request_id bank_id number status user_id occurred_at reason"),
	columnsOf("daily_total", "bank_id account_id day type currency total"),
	columnsOf("challenge", `challenge_id bank_id account_id transaction_request_id user_id permission method status nonce code_hash attempts max_attempts lifetime
		resends made_at sent_at expires_at ended_at event_count`),
	columnsOf("challenge_event", "challenge_id bank_id number status occurred_at"),
	columnsOf("transaction_request_attribute", "transaction_request_attribute_id bank_id account_id transaction_request_id name type value created_at"),
	columnsOf("account_access", "account_access_id bank_id account_id user_id view_id created_at"),
}

func columnsOf(name, columns string) table { return table{name, strings.Fields(columns)} }
