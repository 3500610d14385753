package bank

// What the challenges of a request will call.
var (
	CompleteRequest = (*Bank).completeRequest
	EndRequest      = (*Bank).endRequest
)
