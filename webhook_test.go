package main

import (
	"testing"
)

const createHook = `mutation ($input: CreateWebhookInput!) { at: createWebhook(input: $input) { __typename
	... on CreateWebhookSuccess { webhook { id version } secret } ... on ValidationRejection { fieldErrors { path message } } ... on Rejection { code message } } }`

// hook makes a webhook at the first bank, and is its identifier and its secret.
func (d *door) hook(t testing.TB) (id, secret string) {
	t.Helper()
	answer := d.ask("demo-admin", createHook, map[string]any{"input": map[string]any{"bankId": homeBank, "url": "https://events.example.com/bank", "kinds": []string{"KYC_STATUS_ADDED"}}})
	if answer.find(t, "at", "__typename") != "CreateWebhookSuccess" {
		t.Fatalf("%s", answer.raw)
	}
	return answer.find(t, "at", "webhook", "id").(string), answer.find(t, "at", "secret").(string)
}
