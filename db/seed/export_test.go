package seed

// AccountNumber is what the test of its uniqueness asks.
var AccountNumber = accountNumber
