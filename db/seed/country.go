package seed

import (
	"fmt"
	"math/big"
	"strings"
)

// country is what names, addresses and numbers look like somewhere. The words are common ones; put
// together by chance they are nobody's.
type country struct {
	code, name, currency, language string
	women, men, families           []string
	streets                        []string // %d is the number of the house
	cities                         []city
	phone                          string // patterns: # is a digit, @ a letter
	taxNumber                      string
	bban                           string // the part of an IBAN after the check digits
	passport                       string
}

type city struct{ name, state, postcode string }

func words(s string) []string { return strings.Split(s, " ") }

// Telephone numbers are from the ranges that a country keeps for films, where it has one: Britain, Germany and France do.
var countries = []country{
	{
		code: "GB", name: "United Kingdom", currency: "GBP", language: "en",
		women:    words("Olivia Amelia Isla Ava Grace Freya Lily Florence Emily Sophie Alice Charlotte Hannah Rosie Eleanor"),
		men:      words("Oliver George Arthur Noah Harry Leo Jack Oscar Henry Thomas Edward Samuel William Daniel Benjamin"),
		families: words("Harding Whitfield Barlow Pemberton Ashworth Holloway Fairchild Langley Thornton Mercer Bradshaw Kirby Lowell Sutton Wakefield"),
		streets:  []string{"%d Mill Lane", "%d Orchard Road", "%d Station Street", "%d Beech Avenue", "%d Church Walk", "%d Queensway"},
		cities:   []city{{"Derby", "Derbyshire", "DE# #@@"}, {"Leeds", "West Yorkshire", "LS# #@@"}, {"Bristol", "Avon", "BS# #@@"}, {"Norwich", "Norfolk", "NR# #@@"}, {"Exeter", "Devon", "EX# #@@"}},
		phone:    "+447700900###", taxNumber: "##########", bban: "DEMO##############", passport: "#########",
	},
	{
		code: "DE", name: "Germany", currency: "EUR", language: "de",
		women:    words("Emilia Hannah Mia Lea Marie Clara Johanna Frieda Greta Paula Luise Katharina Annika Svenja Helene"),
		men:      words("Jonas Paul Felix Emil Anton Jakob Moritz Karl Theo Matthias Lukas Henrik Florian Sebastian Konrad"),
		families: words("Bergmann Lindner Seidel Vogel Brandt Krause Winkler Hartwig Schreiber Lorenz Ziegler Friedrichs Albers Kessler Reuter"),
		streets:  []string{"Lindenstraße %d", "Am Markt %d", "Gartenweg %d", "Schillerstraße %d", "Hauptstraße %d", "Kastanienallee %d"},
		cities:   []city{{"Berlin", "Berlin", "10###"}, {"Hamburg", "Hamburg", "20###"}, {"Leipzig", "Sachsen", "04###"}, {"Kassel", "Hessen", "34###"}, {"Potsdam", "Brandenburg", "14###"}},
		phone:    "+4917139200##", taxNumber: "###########", bban: "##################", passport: "C@@######",
	},
	{
		code: "FR", name: "France", currency: "EUR", language: "fr",
		women:    words("Camille Manon Juliette Louise Chloé Inès Élise Margaux Clémence Jeanne Agathe Lucie Mathilde Anaïs Solène"),
		men:      words("Hugo Louis Gabriel Arthur Jules Baptiste Théo Antoine Clément Maxime Étienne Rémi Bastien Julien Adrien"),
		families: words("Marchand Fontaine Perrin Chevalier Guérin Lambert Rousset Delmas Carpentier Vasseur Meunier Brunet Aubert Renaud Besson"),
		streets:  []string{"%d rue des Lilas", "%d avenue de la Gare", "%d rue du Moulin", "%d place de la Mairie", "%d rue Pasteur"},
		cities:   []city{{"Lyon", "Auvergne-Rhône-Alpes", "6900#"}, {"Nantes", "Pays de la Loire", "44000"}, {"Lille", "Hauts-de-France", "59000"}, {"Dijon", "Bourgogne-Franche-Comté", "21000"}, {"Tours", "Centre-Val de Loire", "37000"}},
		phone:    "+3363998####", taxNumber: "#############", bban: "#######################", passport: "##@@#####",
	},
	{
		code: "ES", name: "Spain", currency: "EUR", language: "es",
		women:    words("Lucía Martina Sofía Paula Valeria Carmen Alba Noelia Irene Marta Elena Nuria Pilar Rocío Teresa"),
		men:      words("Mateo Hugo Leo Álvaro Pablo Adrián Diego Marcos Javier Sergio Iván Rubén Gonzalo Andrés Nicolás"),
		families: words("Ortega Castillo Vidal Cabrera Márquez Serrano Herrero Pascual Bravo Montoya Aguilar Fuentes Carrasco Molina Redondo"),
		streets:  []string{"Calle Mayor %d", "Calle del Sol %d", "Avenida de la Paz %d", "Calle Real %d", "Paseo del Río %d"},
		cities:   []city{{"Madrid", "Madrid", "2800#"}, {"Valencia", "Valencia", "4600#"}, {"Sevilla", "Andalucía", "4100#"}, {"Zaragoza", "Aragón", "5000#"}, {"Vigo", "Galicia", "3620#"}},
		phone:    "+346000000##", taxNumber: "########@", bban: "####################", passport: "@@@######",
	},
	{
		code: "NL", name: "Netherlands", currency: "EUR", language: "nl",
		women:    words("Emma Julia Sanne Fleur Lotte Femke Noor Iris Maud Roos Anouk Marijke Eva Saar Hanneke"),
		men:      words("Daan Sem Lucas Bram Thijs Jesse Ruben Stijn Koen Maarten Pieter Wouter Jasper Gijs Niels"),
		families: words("Visser Bakker Kuipers Dekker Hoekstra Postma Willemsen Schouten Verhoeven Brouwer Veenstra Molenaar Kramer Timmer Scholten"),
		streets:  []string{"Dorpsstraat %d", "Kerklaan %d", "Molenweg %d", "Stationsplein %d", "Beukenhof %d"},
		cities:   []city{{"Utrecht", "Utrecht", "35## @@"}, {"Haarlem", "Noord-Holland", "20## @@"}, {"Groningen", "Groningen", "97## @@"}, {"Breda", "Noord-Brabant", "48## @@"}, {"Zwolle", "Overijssel", "80## @@"}},
		phone:    "+3161234####", taxNumber: "#########", bban: "DEMO##########", passport: "@@@@#####",
	},
	{
		code: "PL", name: "Poland", currency: "PLN", language: "pl",
		women:    words("Zofia Hanna Maja Zuzanna Alicja Oliwia Lena Natalia Kinga Magda Ewa Dorota Agnieszka Karolina Iwona"),
		men:      words("Jakub Antoni Szymon Filip Mikołaj Wojciech Kacper Michał Piotr Tomasz Marek Adam Paweł Krzysztof Rafał"),
		families: words("Wójcik Mazur Krawczyk Zając Wróbel Dudek Pawlak Sikora Baran Szewczyk Pietrzak Malec Gajda Kubiak Rogala"),
		streets:  []string{"ul. Lipowa %d", "ul. Ogrodowa %d", "ul. Szkolna %d", "ul. Polna %d", "ul. Kwiatowa %d"},
		cities:   []city{{"Kraków", "małopolskie", "30-###"}, {"Gdańsk", "pomorskie", "80-###"}, {"Poznań", "wielkopolskie", "60-###"}, {"Lublin", "lubelskie", "20-###"}, {"Toruń", "kujawsko-pomorskie", "87-###"}},
		phone:    "+4850000####", taxNumber: "##########", bban: "########################", passport: "@@#######",
	},
}

// iban is a valid number of the country, with the check digits of ISO 7064. It ends in the account's own number, so
// that no two accounts share one.
func (c country) iban(random chance, account string) string {
	bban := random.pattern(c.bban)
	bban = bban[:len(bban)-len(account)] + account
	var digits strings.Builder
	for _, r := range bban + c.code + "00" {
		if r >= 'A' {
			fmt.Fprintf(&digits, "%d", r-'A'+10)
		} else {
			digits.WriteRune(r)
		}
	}
	number, _ := new(big.Int).SetString(digits.String(), 10)
	check := 98 - new(big.Int).Mod(number, big.NewInt(97)).Int64()
	return fmt.Sprintf("%s%02d%s", c.code, check, bban)
}
