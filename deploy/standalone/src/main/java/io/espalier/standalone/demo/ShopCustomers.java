package io.espalier.standalone.demo;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Random;

/**
 * Customers of a shop, and whether they bought again within a year: numbers, categories and gaps, drawn from a rule and chance.
 * Always the same ones.
 */
final class ShopCustomers {
    private static final int ROWS = 3000;
    private static final long SEED = 20_26;
    private static final String[] CHANNELS = {"search", "newsletter", "friend", "advert", "social"};
    private static final double[] CHANNEL_EFFECTS = {0.1, 0.9, 1.2, -0.9, -0.4};
    private static final String[] COUNTRIES = {"DE", "FR", "ES", "PL", "SE", "IT"};

    private ShopCustomers() {}

    /** A CSV file with a header; the last column is the one to predict. */
    static byte[] csv() {
        Random random = new Random(SEED);
        StringBuilder csv = new StringBuilder(
                "age,country,channel,orders,mean_order_value,days_since_last_order,returns,support_tickets,newsletter,bought_again\n");
        for (int row = 0; row < ROWS; row++) {
            int age = 18 + random.nextInt(60);
            int channel = random.nextInt(CHANNELS.length);
            int orders = 1 + (int) Math.floor(-3 * Math.log(1 - random.nextDouble()));
            double value = Math.exp(3.6 + 0.6 * random.nextGaussian());
            int days = random.nextInt(365);
            int returns = random.nextInt(orders + 1) / 2;
            int tickets = (int) Math.floor(-0.7 * Math.log(1 - random.nextDouble()));
            boolean newsletter = random.nextInt(3) == 0;
            double score = -0.6
                    + 0.45 * Math.log(orders)
                    + CHANNEL_EFFECTS[channel]
                    - 0.009 * (days - 120)
                    - 1.4 * returns / orders
                    - (tickets > 2 ? 1.2 : 0)
                    + (newsletter ? 0.7 : 0)
                    + 0.3 * (value > 60 ? 1 : 0)
                    + 0.02 * Math.abs(age - 45);
            boolean again = random.nextDouble() < 1 / (1 + Math.exp(-1.6 * score));
            csv.append(String.format(
                    Locale.ROOT,
                    "%s,%s,%s,%d,%.2f,%d,%d,%d,%s,%s%n",
                    random.nextInt(12) == 0 ? "" : Integer.toString(age),
                    COUNTRIES[random.nextInt(COUNTRIES.length)],
                    CHANNELS[channel],
                    orders,
                    value,
                    days,
                    returns,
                    tickets,
                    newsletter ? "yes" : "no",
                    again ? "yes" : "no"));
        }
        return csv.toString().getBytes(StandardCharsets.UTF_8);
    }
}
