package io.espalier.training.data;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LanguagesTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            en | Where is my parcel? It has not arrived.
            en | no fun
            de | Wo ist mein Paket? Es ist noch nicht da.
            fr | Où est mon colis ? Je ne l'ai pas reçu.
            es | ¿Dónde está mi paquete? No lo tengo.
            pt | Onde está minha encomenda? Não recebi.
            it | Dove è il mio pacco? Non sono contento.
            zh | 送餐很快，味道不错
            ja | 配達がとても速かったです
            ko | 배송이 아주 빨랐어요
            ru | Где моя посылка? Она не пришла.
            ar | أين طردي؟
            """)
    void areToldByScriptAndFunctionWords(String language, String text) {
        assertThat(Languages.detect(text)).isEqualTo(language);
    }

    @Test
    void digitsHaveNone() {
        assertThat(Languages.detect("12345 !?")).isNull();
    }
}
