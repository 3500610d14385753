# Everything that a developer does here. `make check` is the definition of done; .ci/run does the same.

.DEFAULT_GOAL := help
LINTER := go tool -modfile=tools/go.mod golangci-lint

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Serve the demo on http://127.0.0.1:8080
	go run .

test: ## Run all tests with the race detector
	go test -race ./...

generate: ## Make the generated code, the schema's text and the generated pages of docs/ anew
	go tool gqlgen generate
	go run . schema > schema.graphql
	go test . -run 'Reference' -update -count=1

golden: ## Write the golden answers of testdata/ anew; read the difference before you commit it
	go test . -run 'TestOperations|TestAccess' -update -count=1

format: ## Format all Go code
	$(LINTER) fmt ./...

lint: ## Look for what the house does not want
	$(LINTER) run ./...

browser: ## Try the playground in headless Chromium, and take the README's screenshots
	.ci/browser docs/playground.png docs/following.png

clients: ## Make the code of the examples anew, and try the server with the clients that people use
	.ci/clients
bench: ## Measure reads beside servers that were written by hand
	go run ./bench read

mutants: ## Break the code that moves money in known ways, and see that the tests find each
	go test . -run TestMutants -mutants -timeout 60m -v

check: ## The definition of done: format, vet, lint, fresh generated code, tests
	.ci/run

.PHONY: help run test generate golden format lint browser clients bench mutants check
