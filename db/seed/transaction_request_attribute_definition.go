package seed

// attributeDefinitions are what the demo banks want to know of transaction requests.
var attributeDefinitions = [][4]string{
	{"HOUSE_RENT_UNTIL", "DATE_WITH_DAY", "The last day that a rent is for", "Rent until"},
	{"INVOICE_NUMBER", "STRING", "The number of the invoice that is paid", "Invoice"},
	{"NUMBER_OF_ITEMS", "INTEGER", "How many items are paid for", "Items"},
	{"VAT_RATE", "DOUBLE", "The rate of value added tax, in per cent", "VAT"},
}

func (r rows) addAttributeDefinitions(c chance, bankID string) {
	for _, definition := range attributeDefinitions {
		r.add("transaction_request_attribute_definition", c.id(opening), bankID, definition[0], definition[1], definition[2], definition[3],
			words("owner standard"), true, opening, opening)
	}
}
